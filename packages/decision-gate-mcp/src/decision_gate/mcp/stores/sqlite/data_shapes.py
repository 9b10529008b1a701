"""Data shapes in SQLite (contract §9.2)."""

import sqlite3
from collections.abc import Sequence
from types import NoneType
from typing import Final

from decision_gate.core.codec import DecodeError, decode
from decision_gate.core.json import JsonParseError, parse
from decision_gate.core.limits import MAX_SCHEMA_BYTES
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
from decision_gate.mcp.stores.sqlite.cells import demand
from decision_gate.mcp.stores.sqlite.database import SqliteDatabase
from decision_gate.mcp.stores.sqlite.ids import u64_bytes

_COUNT: Final = "SELECT count(*) FROM data_shapes WHERE tenant = ? AND namespace = ?"
_ADD: Final = """
    INSERT INTO data_shapes (tenant, namespace, schema_id, version, schema_bytes, body)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_GET: Final = """
    SELECT schema_bytes, body FROM data_shapes
    WHERE tenant = ? AND namespace = ? AND schema_id = ? AND version = ?
"""
_LARGEST: Final = "SELECT max(schema_bytes) FROM data_shapes WHERE tenant = ? AND namespace = ?"
_PAGE: Final = """
    SELECT body FROM data_shapes WHERE tenant = ? AND namespace = ? AND (schema_id, version) > (?, ?)
    ORDER BY schema_id, version LIMIT ?
"""


class SqliteDataShapeRegistry:
    """A ``DataShapeRegistry`` in *database*.

    *max_schema_bytes* also holds for what is registered already: a larger one is neither returned nor listed.
    *max_entries* counts the versions of one tenant's namespace; none is no limit.
    """

    def __init__(
        self, database: SqliteDatabase, *, max_schema_bytes: int = MAX_SCHEMA_BYTES, max_entries: int | None = None
    ) -> None:
        self._database = database
        self._max_schema_bytes = max_schema_bytes
        self._max_entries = max_entries

    @property
    def rider_kinds(self) -> frozenset[str]:
        """See ``DataShapeRegistry``."""
        return self._database.riders.kinds

    def register(self, record: DataShapeRecord, riders: Sequence[Rider] = ()) -> None:
        """See ``DataShapeRegistry``."""
        tables = self._database.riders
        tables.check(riders)
        shape = canonical_shape(record, self._max_schema_bytes)
        namespace = (u64_bytes(record.tenant_id), u64_bytes(record.namespace_id))
        name = (record.schema_id.encode(), record.version.encode())

        def work(connection: sqlite3.Connection) -> None:
            if self._max_entries is not None:
                (count,) = connection.execute(_COUNT, namespace).fetchone()
                check_entries(count, self._max_entries)
            added = connection.execute(_ADD, (*namespace, *name, shape.schema_bytes, shape.body))
            if added.rowcount == 0:
                raise DataShapeExistsError
            tables.apply(connection, riders)

        self._database.write(work)

    def get(
        self, tenant_id: TenantId, namespace_id: NamespaceId, schema_id: str, version: str
    ) -> DataShapeRecord | None:
        """See ``DataShapeRegistry``."""
        name = (u64_bytes(tenant_id), u64_bytes(namespace_id), schema_id.encode(), version.encode())
        with self._database.reading() as connection:
            row = connection.execute(_GET, name).fetchone()
        if row is None:
            return None
        demand(row, int, bytes)
        check_schema_size(row[0], self._max_schema_bytes)
        return _record(row[1])

    def shapes(self, tenant_id: TenantId, namespace_id: NamespaceId, cursor: str | None, limit: int) -> DataShapePage:
        """See ``DataShapeRegistry``."""
        check_shape_page(limit)
        namespace = (u64_bytes(tenant_id), u64_bytes(namespace_id))
        # An id has at least one byte (deviation S11), so that all of them come after the empty one.
        after = (b"", b"") if cursor is None else tuple(part.encode() for part in parse_shape_token(cursor))
        with self._database.reading() as connection:
            (largest,) = connection.execute(_LARGEST, namespace).fetchone()
            rows = connection.execute(_PAGE, (*namespace, *after, limit)).fetchall()
        demand((largest,), (int, NoneType))
        check_schema_size(largest or 0, self._max_schema_bytes)
        items = tuple(_record(body) for (body,) in rows)
        return DataShapePage(items=items, next_token=shape_token(items[-1]) if items else None)

    def ready(self) -> None:
        """See ``DataShapeRegistry``."""
        self._database.ready()


def _record(body: bytes) -> DataShapeRecord:
    demand((body,), bytes)
    try:
        return decode(DataShapeRecord, parse(body))
    except (DecodeError, JsonParseError) as error:
        raise StoreCorruptError("a stored data shape cannot be read") from error
