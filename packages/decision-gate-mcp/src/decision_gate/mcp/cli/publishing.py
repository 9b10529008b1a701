"""The work of ``scenario publish``: make a version of a scenario the one that new runs start with (deviation S8)."""

from pathlib import Path
from typing import ClassVar

import attrs

from decision_gate.core.control_plane import define
from decision_gate.core.errors import ConfigurationError
from decision_gate.core.model import ScenarioSpec
from decision_gate.mcp.cli.store_place import StoreNotSqliteError
from decision_gate.mcp.clock import SystemClock
from decision_gate.mcp.config import Config
from decision_gate.mcp.config.stores import RunStateStoreTable
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


def scenario_file(config: Config) -> Path:
    """Return the database file that a server's definitions live in: beside its runs, unless they have their own.

    Raises:
        StoreNotSqliteError: They do not live in SQLite.
    """
    table = config.run_state_store if config.scenario_store is None else config.scenario_store
    if not isinstance(table, RunStateStoreTable) or table.path is None:
        raise StoreNotSqliteError
    return Path(table.path)


def publish(spec: ScenarioSpec, path: Path) -> Published:
    """Store a version of a scenario and point to it; runs that have begun keep theirs.

    Raises:
        InvalidScenarioError: The scenario cannot be run.
        StoreError: The file cannot be opened.
    """
    definition = define(spec, spec.default_tenant_id)
    with open_database(SqliteSettings(path=path), now_ms=SystemClock().now_ms) as database:
        scenarios = SqliteScenarioStore(database)
        before = scenarios.get(definition.key)
        scenarios.publish(definition)
    return Published(
        scenario_id=spec.scenario_id,
        spec_hash=definition.spec_hash,
        previous=None if before is None else before.spec_hash,
    )
