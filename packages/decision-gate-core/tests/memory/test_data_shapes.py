"""The dictionary registry keeps the laws of its port."""

import pytest

from decision_gate.core.memory import MemoryDataShapeRegistry, MemoryRiders
from decision_gate.core.testing import DataShapeRegistryConformance, MemoryNotes, StoreBench
from decision_gate.core.testing.data_shape_registry import MAX_ENTRIES, MAX_SCHEMA_BYTES


class TestMemoryDataShapeRegistry(DataShapeRegistryConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        notes = MemoryNotes()
        registry = MemoryDataShapeRegistry(
            MemoryRiders([notes]), max_schema_bytes=MAX_SCHEMA_BYTES, max_entries=MAX_ENTRIES
        )
        return StoreBench(store=registry, notes=notes.applied, reopen=lambda: registry)
