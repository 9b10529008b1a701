"""Data shapes in PostgreSQL; tables and the function stand in ``migrations/0003_data_shapes.sql`` (contract §9.2)."""

from collections.abc import Sequence

from decision_gate.core.codec import DecodeError, decode
from decision_gate.core.json import JsonParseError, parse
from decision_gate.core.model import DataShapePage, DataShapeRecord, NamespaceId, TenantId
from decision_gate.core.ports import DataShapeExistsError, Rider, StoreCorruptError
from decision_gate.core.ports.data_shape_form import (
    canonical_shape,
    check_entries,
    check_schema_size,
    check_shape_page,
    parse_shape_token,
    shape_token,
)
from decision_gate.enterprise.stores.postgres.keys import number, text
from decision_gate.enterprise.stores.postgres.riders import rider_arrays
from decision_gate.enterprise.stores.postgres.session import Session

_REGISTER = (
    "SELECT registered, held FROM decision_gate.register_data_shape(%b, %b, %b, %b, %s, %b, %s, "
    "%b::text[], %b::bytea[], %b::bytea[])"
)
_GET = (
    "SELECT record FROM decision_gate.data_shapes "
    "WHERE tenant = %b AND namespace = %b AND schema_id = %b AND version = %b"
)
_LARGEST = "SELECT largest FROM decision_gate.data_shape_counts WHERE tenant = %b AND namespace = %b"
_LIST = (
    "SELECT record FROM decision_gate.data_shapes WHERE tenant = %b AND namespace = %b "
    "AND (schema_id, version) > (%b, %b) ORDER BY schema_id, version LIMIT %s"
)


class PostgresDataShapeRegistry:
    """A registry on PostgreSQL, safe for threads and for many servers on one database."""

    def __init__(
        self, session: Session, rider_kinds: frozenset[str], *, max_schema_bytes: int, max_entries: int | None
    ) -> None:
        self.rider_kinds = rider_kinds
        self._session = session
        self._max_schema_bytes = max_schema_bytes
        self._max_entries = max_entries

    def register(self, record: DataShapeRecord, riders: Sequence[Rider] = ()) -> None:
        """Store one version (port)."""
        shape = canonical_shape(record, self._max_schema_bytes)
        registered, held = self._session.commit(
            _REGISTER,
            (
                *(number(record.tenant_id), number(record.namespace_id), text(record.schema_id), text(record.version)),
                *(shape.schema_bytes, shape.body, self._max_entries),
                *rider_arrays(riders, self.rider_kinds),
            ),
        )
        if not registered:
            check_entries(held, self._max_entries)
            raise DataShapeExistsError

    def get(
        self, tenant_id: TenantId, namespace_id: NamespaceId, schema_id: str, version: str
    ) -> DataShapeRecord | None:
        """Return one version (port)."""
        rows = self._session.rows(_GET, (number(tenant_id), number(namespace_id), text(schema_id), text(version)))
        return _record(rows[0][0]) if rows else None

    def shapes(self, tenant_id: TenantId, namespace_id: NamespaceId, cursor: str | None, limit: int) -> DataShapePage:
        """List versions strictly after *cursor* (port)."""
        check_shape_page(limit)
        namespace = number(tenant_id), number(namespace_id)
        after = (b"", b"") if cursor is None else tuple(text(part) for part in parse_shape_token(cursor))
        for (largest,) in self._session.rows(_LARGEST, namespace):
            check_schema_size(largest, self._max_schema_bytes)
        rows = self._session.rows(_LIST, (*namespace, *after, limit))
        items = tuple(_record(row[0]) for row in rows)
        return DataShapePage(items=items, next_token=shape_token(items[-1]) if items else None)

    def ready(self) -> None:
        """Return when commits are accepted (port)."""
        self._session.ready()


def _record(stored: bytes) -> DataShapeRecord:
    try:
        return decode(DataShapeRecord, parse(stored))
    except (DecodeError, JsonParseError) as error:
        raise StoreCorruptError("a stored data shape cannot be read") from error
