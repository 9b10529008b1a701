"""Which database file a command means: named directly, or by a configuration whose runs live in SQLite."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.ports import RunKey
from decision_gate.mcp.cli.naming_database import naming_database
from decision_gate.mcp.config import config_path, load_config
from decision_gate.mcp.config.stores import RunStateStoreTable, StoreType
from decision_gate.mcp.opening.built_in import offers_of

DEFAULT_TENANT: Final = 1
DEFAULT_NAMESPACE: Final = 1

Namespace = tuple[int, int]
"""A tenant and one of its namespaces."""

Command = TypeVar("Command", bound=Callable[..., Any])


class StoreNotSqliteError(ConfigurationError):
    """The configuration keeps its runs somewhere else than in a file (contract §3.2)."""

    code = "store_not_sqlite"

    def __init__(self) -> None:
        super().__init__("run_state_store must be sqlite for store commands.")


def store_file(store_path: Path | None, config: str | None) -> Path:
    """Return the database file: *store_path*, else the one of the configuration.

    With both the configuration is only asked whether its runs live in SQLite at all.

    Raises:
        ConfigurationError: The configuration cannot be read.
        StoreNotSqliteError: Its runs do not live in SQLite.
    """
    if store_path is not None and config is None:
        return store_path
    table = load_config(config_path(config, os.environ), lambda plugins: offers_of(plugins).settings_of)
    runs = table.config.run_state_store
    if not isinstance(runs, RunStateStoreTable) or runs.type is not StoreType.SQLITE or runs.path is None:
        raise StoreNotSqliteError
    return Path(runs.path) if store_path is None else store_path


def in_store(command: Command) -> Command:
    """Give *command* the options that name a file, and the file as its argument ``path``; its errors name the file."""

    @click.option("--store-path", type=click.Path(path_type=Path, dir_okay=False), help="The database file.")
    @click.option("--config", help="Configuration that names it; decision-gate.toml here unless given.")
    @functools.wraps(command)
    def located(*args: object, store_path: Path | None, config: str | None, **options: object) -> object:
        path = store_file(store_path, config)
        with naming_database(path):
            return command(*args, path=path, **options)

    return located  # type: ignore[return-value]  # the options are consumed here


def of_run(command: Command) -> Command:
    """Give *command* the options that name a run, and its key as the argument ``key``."""

    @click.option("--run-id", required=True, help="Run.")
    @in_namespace
    @functools.wraps(command)
    def named(*args: object, namespace: Namespace, run_id: str, **options: object) -> object:
        return command(*args, key=RunKey(*namespace, run_id), **options)

    return named  # type: ignore[return-value]  # the options are consumed here


def in_namespace(command: Command) -> Command:
    """Give *command* the options that name a tenant's namespace, and both numbers as the argument ``namespace``."""

    @click.option("--tenant-id", type=click.IntRange(min=1), default=DEFAULT_TENANT, show_default=True, help="Tenant.")
    @click.option(
        "--namespace-id", type=click.IntRange(min=1), default=DEFAULT_NAMESPACE, show_default=True, help="Namespace."
    )
    @functools.wraps(command)
    def named(*args: object, tenant_id: int, namespace_id: int, **options: object) -> object:
        return command(*args, namespace=(tenant_id, namespace_id), **options)

    return named  # type: ignore[return-value]  # the options are consumed here
