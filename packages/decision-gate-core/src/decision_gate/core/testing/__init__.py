"""Conformance suites, builders and strategies for whoever implements a port (extra ``testing``).

Put ``pytest.register_assert_rewrite("decision_gate.core.testing")`` into a ``conftest.py`` to see the values of a law
that does not hold.
"""

from decision_gate.core.testing.bench import StoreBench
from decision_gate.core.testing.clock import ManualClock
from decision_gate.core.testing.data_shape_registry import DataShapeRegistryConformance
from decision_gate.core.testing.notes import NOTE, REFUSAL, REFUSED_BODY, MemoryNotes, note, refused_note
from decision_gate.core.testing.run_store import RunStoreConformance
from decision_gate.core.testing.scenario_store import ScenarioStoreConformance

__all__ = [
    "NOTE",
    "REFUSAL",
    "REFUSED_BODY",
    "DataShapeRegistryConformance",
    "ManualClock",
    "MemoryNotes",
    "RunStoreConformance",
    "ScenarioStoreConformance",
    "StoreBench",
    "note",
    "refused_note",
]
