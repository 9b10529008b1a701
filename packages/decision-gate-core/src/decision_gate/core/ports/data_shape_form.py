"""What every data-shape registry keeps and answers: canonical form, size limit, tokens (contract §9.2)."""

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonParseError, canonical, parse, plain
from decision_gate.core.model import DataShapeRecord
from decision_gate.core.ports.data_shapes import DataShapeInvalidError, DataShapesFullError


@attrs.frozen(kw_only=True)
class CanonicalShape:
    """A record in canonical form, its stored bytes, and the size of its schema alone."""

    record: DataShapeRecord
    body: bytes
    schema_bytes: int


def canonical_shape(record: DataShapeRecord, max_schema_bytes: int) -> CanonicalShape:
    """Return *record* with its schema in canonical form and without a signature that is blank.

    Raises:
        DataShapeInvalidError: The canonical schema is larger than *max_schema_bytes*.
    """
    schema = canonical(record.schema)
    check_schema_size(len(schema), max_schema_bytes)
    signing = record.signing
    if signing is not None and not (signing.key_id.strip() and signing.signature.strip()):
        signing = None
    kept = attrs.evolve(record, schema=parse(schema), signing=signing)
    return CanonicalShape(record=kept, body=canonical(encode(kept)), schema_bytes=len(schema))


def check_schema_size(actual: int, limit: int) -> None:
    """Refuse a schema of *actual* canonical bytes.

    Raises:
        DataShapeInvalidError: They are more than *limit*.
    """
    if actual > limit:
        raise DataShapeInvalidError(f"schema exceeds size limit: {actual} bytes (max {limit})")


def check_entries(count: int, limit: int | None) -> None:
    """Refuse one more version in a namespace that holds *count*; a limit of none is no limit.

    Raises:
        DataShapesFullError: The namespace is full.
    """
    if limit is not None and count >= limit:
        raise DataShapesFullError(count, limit)


def check_shape_page(limit: int) -> None:
    """Refuse a page of no items.

    Raises:
        DataShapeInvalidError: *limit* is less than 1.
    """
    if limit < 1:
        raise DataShapeInvalidError("schema list limit must be greater than zero")


def shape_token(record: DataShapeRecord) -> str:
    """Return the token of a page that ends with *record*."""
    return plain({"schema_id": record.schema_id, "version": record.version}).decode()


def parse_shape_token(token: str) -> tuple[str, str]:
    """Return the schema id and version of a token; other keys of it are ignored.

    Raises:
        DataShapeInvalidError: It is no such token.
    """
    try:
        fields = parse(token)
    except JsonParseError as error:
        raise DataShapeInvalidError("invalid cursor") from error
    if isinstance(fields, dict):
        schema_id, version = fields.get("schema_id"), fields.get("version")
        if isinstance(schema_id, str) and isinstance(version, str):
            return schema_id, version
    raise DataShapeInvalidError("invalid cursor")
