"""Every port in dictionaries, for tests, demos and library users without a database."""

from decision_gate.core.memory.artifacts import MemoryArtifacts
from decision_gate.core.memory.data_shapes import MemoryDataShapeRegistry
from decision_gate.core.memory.dispatch import ReceiptDispatcher
from decision_gate.core.memory.evidence import SequentialCollector
from decision_gate.core.memory.policy import PermitAll
from decision_gate.core.memory.riders import MemoryRiders, MemoryRiderTable
from decision_gate.core.memory.runs import MemoryRunStore
from decision_gate.core.memory.scenarios import MemoryScenarioStore

__all__ = [
    "MemoryArtifacts",
    "MemoryDataShapeRegistry",
    "MemoryRiderTable",
    "MemoryRiders",
    "MemoryRunStore",
    "MemoryScenarioStore",
    "PermitAll",
    "ReceiptDispatcher",
    "SequentialCollector",
]
