"""Open the stores of runs, definitions and data shapes, with the rider tables of meter and audit (architecture §2)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from decision_gate.core.memory import (
    MemoryDataShapeRegistry,
    MemoryRiders,
    MemoryRunStore,
    MemoryScenarioStore,
)
from decision_gate.core.ports import DataShapeRegistry, RunStore, ScenarioStore
from decision_gate.mcp.clock import Clock
from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config

RiderTables = Callable[[str], Sequence[Any]]
"""Gives the rider tables for one engine (``memory``, ``sqlite``, ``postgres``); each engine has its own protocol."""


@attrs.frozen(kw_only=True)
class Stores:
    """The three stores of a server. ``engine`` names what holds the runs."""

    engine: str
    runs: RunStore
    scenarios: ScenarioStore
    shapes: DataShapeRegistry


@contextmanager
def open_stores(config: Config, tables: RiderTables, clock: Clock) -> Iterator[Stores]:
    """Open what the configuration chooses; definitions live beside the runs.

    Raises:
        StoreError: A store cannot be opened.
    """
    riders = MemoryRiders(tables("memory"))
    yield Stores(
        engine="memory",
        runs=MemoryRunStore(riders, now_ms=clock.now_ms),
        scenarios=MemoryScenarioStore(riders),
        shapes=_memory_shapes(config, riders),
    )


def _memory_shapes(config: Config, riders: MemoryRiders) -> MemoryDataShapeRegistry:
    table = config.schema_registry
    if isinstance(table, Chosen):
        return MemoryDataShapeRegistry(riders)
    return MemoryDataShapeRegistry(riders, max_schema_bytes=table.max_schema_bytes, max_entries=table.max_entries)
