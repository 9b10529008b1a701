"""Data shapes in a dictionary (contract §9.2)."""

import threading
from collections.abc import Sequence

from decision_gate.core.limits import MAX_SCHEMA_BYTES
from decision_gate.core.memory.riders import MemoryRiders
from decision_gate.core.model import DataShapePage, DataShapeRecord, NamespaceId, TenantId
from decision_gate.core.ports import DataShapeExistsError, Rider
from decision_gate.core.ports.data_shape_form import (
    canonical_shape,
    check_entries,
    check_shape_page,
    parse_shape_token,
    shape_token,
)


class MemoryDataShapeRegistry:
    """A ``DataShapeRegistry`` for tests, demos and library users; safe for any number of threads.

    *max_entries* counts the versions of one tenant's namespace; none is no limit.
    """

    def __init__(
        self,
        riders: MemoryRiders | None = None,
        *,
        max_schema_bytes: int = MAX_SCHEMA_BYTES,
        max_entries: int | None = None,
    ) -> None:
        self._riders = riders or MemoryRiders()
        self._max_schema_bytes = max_schema_bytes
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._shapes: dict[tuple[TenantId, NamespaceId], dict[tuple[str, str], DataShapeRecord]] = {}

    @property
    def rider_kinds(self) -> frozenset[str]:
        """See ``DataShapeRegistry``."""
        return self._riders.kinds

    def register(self, record: DataShapeRecord, riders: Sequence[Rider] = ()) -> None:
        """See ``DataShapeRegistry``."""
        self._riders.check(riders)
        shape = canonical_shape(record, self._max_schema_bytes)
        name = (record.schema_id, record.version)
        with self._lock:
            registered = self._shapes.get((record.tenant_id, record.namespace_id), {})
            check_entries(len(registered), self._max_entries)
            if name in registered:
                raise DataShapeExistsError
            self._riders.apply(riders)
            self._shapes.setdefault((record.tenant_id, record.namespace_id), {})[name] = shape.record

    def get(
        self, tenant_id: TenantId, namespace_id: NamespaceId, schema_id: str, version: str
    ) -> DataShapeRecord | None:
        """See ``DataShapeRegistry``."""
        with self._lock:
            return self._shapes.get((tenant_id, namespace_id), {}).get((schema_id, version))

    def shapes(self, tenant_id: TenantId, namespace_id: NamespaceId, cursor: str | None, limit: int) -> DataShapePage:
        """See ``DataShapeRegistry``."""
        check_shape_page(limit)
        after = None if cursor is None else _position(*parse_shape_token(cursor))
        with self._lock:
            registered = list(self._shapes.get((tenant_id, namespace_id), {}).items())
        found = sorted(
            (_position(*name), record) for name, record in registered if after is None or _position(*name) > after
        )
        items = tuple(record for _, record in found[:limit])
        return DataShapePage(items=items, next_token=shape_token(items[-1]) if items else None)

    def ready(self) -> None:
        """See ``DataShapeRegistry``; memory is always ready."""


def _position(schema_id: str, version: str) -> tuple[bytes, bytes]:
    return schema_id.encode(), version.encode()
