"""Open the stores of runs, definitions and data shapes, with the rider tables of meter and audit (architecture §2).

Tables that name one database file, or one set of memory riders, share it: only what shares a database commits together.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import attrs

from decision_gate.core.memory import MemoryDataShapeRegistry, MemoryRiders, MemoryRunStore, MemoryScenarioStore
from decision_gate.core.ports import DataShapeRegistry, RunStore, ScenarioStore
from decision_gate.mcp.clock import Clock
from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.stores import RunStateStoreTable, SchemaRegistryTable, StoreType
from decision_gate.mcp.plugins import OfferBrokenError, Offers, demand_protocol
from decision_gate.mcp.stores.sqlite import (
    SqliteDatabase,
    SqliteDataShapeRegistry,
    SqliteRunStore,
    SqliteScenarioStore,
    SqliteSettings,
    open_database,
)

RiderTables = Callable[[str], Sequence[Any]]
"""Gives the rider tables for one engine (``memory``, ``sqlite``, ``postgres``); each engine has its own protocol."""


@attrs.frozen(kw_only=True)
class Stores:
    """The three stores of a server. ``engine`` names what holds the runs."""

    engine: str
    runs: RunStore
    scenarios: ScenarioStore
    shapes: DataShapeRegistry


class _SqliteTable(Protocol):
    """What the tables of both sqlite stores have in common."""

    @property
    def path(self) -> str | None: ...
    @property
    def busy_timeout_ms(self) -> int: ...
    @property
    def journal_mode(self) -> Any: ...  # noqa: ANN401 - JournalMode, whose values are the settings' literals
    @property
    def sync_mode(self) -> Any: ...  # noqa: ANN401 - SyncMode, likewise


@contextmanager
def open_stores(config: Config, offers: Offers, tables: RiderTables, clock: Clock) -> Iterator[Stores]:
    """Open what the configuration chooses; definitions live beside the runs unless they have a table of their own.

    Raises:
        StoreError: A store cannot be opened.
        ConfigurationError: A plug-in does not keep its contract.
    """
    with ExitStack() as stack:
        opening = _Opening(offers=offers, tables=tables, clock=clock, stack=stack)
        runs = config.run_state_store
        yield Stores(
            engine=runs.type if isinstance(runs, Chosen) else runs.type.value,
            runs=opening.runs(runs),
            scenarios=opening.scenarios(runs if config.scenario_store is None else config.scenario_store),
            shapes=opening.shapes(config.schema_registry),
        )


@attrs.frozen(kw_only=True)
class _Opening:
    """Opens each store once; remembers what may be shared."""

    offers: Offers
    tables: RiderTables
    clock: Clock
    stack: ExitStack
    files: dict[Path, SqliteDatabase] = attrs.field(factory=dict)
    riders: list[MemoryRiders] = attrs.field(factory=list)

    def runs(self, table: RunStateStoreTable | Chosen) -> RunStore:
        match table:
            case Chosen():
                store: RunStore = self.plugged("decision_gate.run_stores", table, RunStore)
                return store
            case RunStateStoreTable(type=StoreType.SQLITE):
                return SqliteRunStore(self.file(table))
            case RunStateStoreTable():
                return MemoryRunStore(self.memory(), now_ms=self.clock.now_ms)

    def scenarios(self, table: RunStateStoreTable | Chosen) -> ScenarioStore:
        match table:
            case Chosen():
                store: ScenarioStore = self.plugged("decision_gate.scenario_stores", table, ScenarioStore)
                return store
            case RunStateStoreTable(type=StoreType.SQLITE):
                return SqliteScenarioStore(self.file(table))
            case RunStateStoreTable():
                return MemoryScenarioStore(self.memory())

    def shapes(self, table: SchemaRegistryTable | Chosen) -> DataShapeRegistry:
        match table:
            case Chosen():
                registry: DataShapeRegistry = self.plugged(
                    "decision_gate.data_shape_registries", table, DataShapeRegistry
                )
                return registry
            case SchemaRegistryTable(type=StoreType.SQLITE):
                return SqliteDataShapeRegistry(
                    self.file(table), max_schema_bytes=table.max_schema_bytes, max_entries=table.max_entries
                )
            case SchemaRegistryTable():
                return MemoryDataShapeRegistry(
                    self.memory(), max_schema_bytes=table.max_schema_bytes, max_entries=table.max_entries
                )

    def file(self, table: _SqliteTable) -> SqliteDatabase:
        """Open a database file, or lend it again; the first table of a file decides how it is opened."""
        path = Path(table.path or "").resolve()
        database = self.files.get(path)
        if database is None:
            settings = SqliteSettings(
                path=path,
                busy_timeout_ms=table.busy_timeout_ms,
                journal_mode=table.journal_mode.value,
                sync_mode=table.sync_mode.value,
            )
            database = self.files[path] = self.stack.enter_context(
                open_database(settings, rider_tables=self.tables("sqlite"), now_ms=self.clock.now_ms)
            )
        return database

    def memory(self) -> MemoryRiders:
        if not self.riders:
            self.riders.append(MemoryRiders(self.tables("memory")))
        return self.riders[0]

    def plugged(self, group: str, chosen: Chosen, protocol: Any) -> Any:  # noqa: ANN401 - of the type of the protocol
        """Open a plug-in's store: ``open_<thing>(settings, rider_tables)``.

        A scenario store beside plugged runs is opened with the settings of the runs, so both must take the same class.
        """
        loaded = self.offers.load(group, chosen.type)
        if not isinstance(chosen.settings, loaded.settings_class):
            raise OfferBrokenError(f"{group} `{chosen.type}` does not take the settings of its run store")
        value = self.stack.enter_context(loaded.opener(chosen.settings, self.tables(chosen.type)))
        demand_protocol(value, protocol, chosen.type)
        return value
