"""The dictionary store keeps the laws of its port."""

import pytest

from decision_gate.core.memory import MemoryRiders, MemoryScenarioStore
from decision_gate.core.testing import MemoryNotes, ScenarioStoreConformance, StoreBench


class TestMemoryScenarioStore(ScenarioStoreConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        notes = MemoryNotes()
        store = MemoryScenarioStore(MemoryRiders([notes]))
        return StoreBench(store=store, notes=notes.applied, reopen=lambda: store)
