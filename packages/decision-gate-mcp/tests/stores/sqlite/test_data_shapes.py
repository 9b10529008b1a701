"""Data shapes in SQLite keep the laws of their port."""

import pytest

from decision_gate.core.testing import DataShapeRegistryConformance, StoreBench
from decision_gate.core.testing.data_shape_registry import MAX_ENTRIES, MAX_SCHEMA_BYTES
from decision_gate.mcp.stores.sqlite import SqliteDataShapeRegistry


class TestSqliteDataShapeRegistry(DataShapeRegistryConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self, file):
        def open_registry():
            return SqliteDataShapeRegistry(file.open(), max_schema_bytes=MAX_SCHEMA_BYTES, max_entries=MAX_ENTRIES)

        return StoreBench(store=open_registry(), notes=file.notes, reopen=open_registry)
