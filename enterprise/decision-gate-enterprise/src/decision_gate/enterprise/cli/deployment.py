"""The deployment that a command is about: its folder, its configuration, and administration of its database."""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import attrs
import click

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.actor import console_actor
from decision_gate.enterprise.admin.opening import AdminSettings, open_administration
from decision_gate.enterprise.admin.service import AdminService
from decision_gate.enterprise.admin.use_case import UseCase
from decision_gate.enterprise.audit.settings import HashChainSettings
from decision_gate.mcp.cli.configuration import Configuration, load_configuration
from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.hooks.audit_sink import AuditSink

CONFIG_NAME = "decision-gate.toml"
_Command = TypeVar("_Command", bound=Callable[..., Any])


class NotAdministeredError(ConfigurationError):
    """The configuration does not say how the deployment is administered, or audits nothing."""

    code: ClassVar[str] = "not_administered"


def in_deployment(command: _Command) -> _Command:
    """Give a command the options ``--dir`` and ``--config``, as ``folder`` and ``config``."""
    for option in (
        click.option("--config", "config", help=f"Configuration; {CONFIG_NAME} in the folder unless given."),
        click.option(
            "--dir",
            "folder",
            type=click.Path(path_type=Path, file_okay=False, exists=True),
            default=Path(),
            help="Folder of the deployment; relative paths begin in it. Here unless given.",
        ),
    ):
        command = option(command)
    return command


@contextmanager
def opened_configuration(folder: Path, config: str | None) -> Iterator[Configuration]:
    """Work in the folder of a deployment, with its configuration. Raise ``RefusalError`` when it cannot be read."""
    with chdir(folder):
        yield load_configuration(config, os.environ)


def admin_settings(config: Config) -> AdminSettings:
    """Return how a deployment is administered. Raise ``NotAdministeredError`` when its configuration does not say."""
    for chosen in (*config.http_routes, *config.tool_families):
        if isinstance(chosen.settings, AdminSettings):
            return chosen.settings
    raise NotAdministeredError('nothing to administer with: add [[http_routes]] type = "admin" to the configuration')


@contextmanager
def opened_sink(configuration: Configuration) -> Iterator[AuditSink]:
    """Open the audit sink of a deployment for a command; giving leaves their places stays the servers' work.

    Raises:
        NotAdministeredError: There is none, so a change could not be audited.
    """
    chosen = configuration.config.audit_sink
    if chosen is None:
        raise NotAdministeredError('changes are audited: set [audit_sink] type = "hash_chain"')
    settings = chosen.settings
    if isinstance(settings, HashChainSettings):
        settings = attrs.evolve(settings, dsn=None, path=None)
    with configuration.offers.open("decision_gate.audit_sinks", Chosen(type=chosen.type, settings=settings)) as sink:
        yield sink


@contextmanager
def opened_service(folder: Path, config: str | None) -> Iterator[AdminService]:
    """Open administration of the deployment in *folder*.

    Raises:
        NotAdministeredError, StoreError, ConfigurationError: It cannot be administered as it is.
    """
    with (
        opened_configuration(folder, config) as configuration,
        opened_sink(configuration) as sink,
        open_administration(admin_settings(configuration.config), sink) as (database, means),
    ):
        yield AdminService(database=database, sink=sink, means=means)


def perform_at_console(
    service: AdminService, use_case: UseCase, request: object, idempotency_key: str | None = None
) -> dict[str, JsonValue]:
    """Perform a use case as the user of this console."""
    return service.perform(use_case, request, console_actor(console_user()), idempotency_key)


def console_user() -> str:
    """Return the name of whoever runs this command, or their number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run a number that has no name
        return f"uid-{os.getuid()}"
