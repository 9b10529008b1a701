"""The work of ``scenario publish``: make a version of a scenario the one that new runs start with (deviation S8)."""

import os
from pathlib import Path
from typing import Any, ClassVar

import attrs

from decision_gate.core.control_plane import define
from decision_gate.core.errors import ConfigurationError
from decision_gate.core.model import ScenarioSpec
from decision_gate.core.ports import ScenarioStore
from decision_gate.mcp.cli.configuration import Configuration
from decision_gate.mcp.cli.naming_database import naming_database
from decision_gate.mcp.cli.store_place import StoreNotSqliteError
from decision_gate.mcp.clock import Clock, SystemClock
from decision_gate.mcp.config.stores import RunStateStoreTable, StoreType
from decision_gate.mcp.hooks.audit_sink import AuditSink, NoSink
from decision_gate.mcp.hooks.publication_event import scenario_published
from decision_gate.mcp.opening.contracts import read_contracts
from decision_gate.mcp.opening.known import scenario_rules
from decision_gate.mcp.opening.seams import opened_sink
from decision_gate.mcp.opening.stores import open_stores
from decision_gate.mcp.stores.sqlite import SqliteScenarioStore, SqliteSettings, open_database


class NoScenarioStoreError(ConfigurationError):
    """Nobody said where definitions live."""

    code: ClassVar[str] = "no_scenario_store"

    def __init__(self) -> None:
        super().__init__("where is it published? name a database file with --store, or a configuration with --config")


@attrs.frozen(kw_only=True)
class Published:
    """What is current now and what was before; ``previous`` is none for a scenario that was not there."""

    scenario_id: str
    spec_hash: str
    previous: str | None


def publish_to_file(spec: ScenarioSpec, path: Path) -> Published:
    """Publish into a database file that no configuration is known of: no contract, no audit.

    Raises:
        InvalidScenarioError: The scenario cannot be run.
        NamedFileError, StoreError: The file cannot be opened or used.
    """
    clock = SystemClock()
    with naming_database(path), open_database(SqliteSettings(path=path), now_ms=clock.now_ms) as database:
        return publish(spec, SqliteScenarioStore(database), NoSink(), clock)


def publish_to_server(spec: ScenarioSpec, configuration: Configuration, clock: Clock | None = None) -> Published:
    """Publish where a server's definitions live, held against what the server would hold it against.

    Its audit is told; no provider is started.

    Raises:
        CapabilityError, StrictValidationError, InvalidSchemaError: The server would refuse to define it.
        StoreNotSqliteError: Its definitions are gone when this command ends.
        InvalidScenarioError: The scenario cannot be run.
        ConfigurationError: A contract or the audit's place cannot be had.
        StoreError: The store cannot be opened.
    """
    config, offers = configuration.config, configuration.offers
    table = config.run_state_store if config.scenario_store is None else config.scenario_store
    if isinstance(table, RunStateStoreTable) and table.type is StoreType.MEMORY:
        raise StoreNotSqliteError
    names = frozenset(provider.name for provider in config.providers)
    rules = scenario_rules(config, read_contracts(config, offers), lambda query: query.provider_id in names)
    rules.check_capabilities(spec)
    rules.check_comparators(spec)
    clock = clock or SystemClock()
    with (
        opened_sink(config, offers) as sink,
        open_stores(config, offers, lambda engine: _tables(sink, engine), clock) as stores,
    ):
        return publish(spec, stores.scenarios, sink, clock)


def publish(spec: ScenarioSpec, scenarios: ScenarioStore, sink: AuditSink, clock: Clock) -> Published:
    """Store a version of a scenario and point to it; runs that have begun keep theirs, and the audit is told.

    Raises:
        InvalidScenarioError: The scenario cannot be run.
        StoreError: It cannot be stored, or the audit's riders cannot.
    """
    definition = define(spec, spec.default_tenant_id)
    before = scenarios.get(definition.key)
    previous = None if before is None else before.spec_hash
    event = scenario_published(f"uid:{os.getuid()}", definition, previous, clock.now_ms())
    scenarios.publish(definition, sink.riders(event))
    sink.record([event])
    return Published(scenario_id=spec.scenario_id, spec_hash=definition.spec_hash, previous=previous)


def _tables(sink: AuditSink, engine: str) -> tuple[Any, ...]:
    table = sink.rider_table(engine)
    return () if table is None else (table,)
