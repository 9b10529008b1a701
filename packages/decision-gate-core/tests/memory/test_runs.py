"""The dictionary store keeps the laws of its port."""

import pytest

from decision_gate.core.memory import MemoryRiders, MemoryRunStore
from decision_gate.core.testing import ManualClock, MemoryNotes, RunStoreConformance, StoreBench


class TestMemoryRunStore(RunStoreConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        clock, notes = ManualClock(), MemoryNotes()
        store = MemoryRunStore(MemoryRiders([notes]), now_ms=clock)
        return StoreBench(store=store, notes=notes.applied, reopen=lambda: store, clock=clock)
