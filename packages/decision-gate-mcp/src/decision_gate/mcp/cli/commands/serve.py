"""``decision-gate serve``: run the server until it is told to stop (contract §11.2)."""

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import click

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.cli.handled import RefusalError
from decision_gate.mcp.config import Config, config_path, load_config
from decision_gate.mcp.config.kinds import SettingsOf
from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.config.server import Transport
from decision_gate.mcp.exposure import check_exposure, exposure_notice, local_notice
from decision_gate.mcp.host import Host, open_host
from decision_gate.mcp.notices import posture_notices
from decision_gate.mcp.opening.built_in import offers_of
from decision_gate.mcp.transport.stdio import serve_stdio

if TYPE_CHECKING:
    from decision_gate.mcp.plugins import Offers

_NEW_OBJECTS: Final = 10_000
"""Containers alive beyond those freed before the collector looks for cycles; a request leaves next to none."""


@click.command(
    epilog="\b\nExamples:\n  decision-gate serve\n  decision-gate serve --config prod.toml --allow-non-loopback\n"
    "  decision-gate serve --folder release --transport stdio"
)
@click.option("--config", "path", default=None, help="Configuration file; decision-gate.toml here unless given.")
@click.option("--allow-non-loopback", is_flag=True, help="Permit an address that other machines can reach.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Work in this folder, as if started there: relative paths begin in it.",
)
@click.option(
    "--transport",
    type=click.Choice([transport.value for transport in Transport]),
    help="Serve this way, whatever the configuration says; clients that start the server themselves need stdio.",
)
def serve(path: str | None, *, allow_non_loopback: bool, folder: Path | None, transport: str | None) -> None:
    """Run the server until it is told to stop."""
    made = _Made()
    if folder is not None:
        os.chdir(folder)
    with _failing_as("Failed to load config"):
        loaded = load_config(config_path(path, os.environ), made.settings_of)
        config = loaded.config if transport is None else _over(loaded.config, Transport(transport))
    with _failing_as(None):
        is_exposed = check_exposure(config, os.environ, is_allowed=allow_non_loopback)
    if is_exposed:
        _tell(*exposure_notice(config))
    elif config.is_local_only and config.server.transport is not Transport.STDIO:
        _tell(*local_notice())
    with ExitStack() as stack:
        with _failing_as("Failed to initialize MCP server"):
            host = stack.enter_context(open_host(config, os.environ, offers=made.offers))
            _tell(*posture_notices(config, config_age_ms=host.clock.now_ms() - loaded.modified_at_ms))
        with _failing_as("MCP server failed"):
            _run(host)


def _over(config: Config, transport: Transport) -> Config:
    """Return the configuration of the same server over another transport. Raise ``InvalidConfigError``."""
    server = config.server
    tls = None if transport is Transport.STDIO else server.tls
    changed = attrs.evolve(config, server=attrs.evolve(server, transport=transport, tls=tls))
    changed.check()
    return changed


class _Made:
    """Keeps the look-up that read the configuration, so that the host opens the very offers that it chose."""

    def __init__(self) -> None:
        self.offers: Offers | None = None

    def settings_of(self, plugins: PluginsTable) -> SettingsOf:
        self.offers = offers_of(plugins)
        return self.offers.settings_of


def _run(host: Host) -> None:
    server = host.config.server
    if server.transport is Transport.STDIO:
        serve_stdio(host)
        return
    # Imported here: stdio needs no web server, and a refused configuration should not wait for one.
    from decision_gate.mcp.transport.serving import serve_http  # noqa: PLC0415 - lazy

    _tune_collections()
    serve_http(host)


def _tune_collections() -> None:
    """Let the collector look at what a request leaves behind, not at the server itself, and not after every few."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


@contextmanager
def _failing_as(what: str | None) -> Iterator[None]:
    """End the command with status 1 and one line that says what failed. Raise ``RefusalError``."""
    try:
        yield
    except (DecisionGateError, OSError) as error:
        raise RefusalError(f"{what}: {error}" if what else str(error)) from error


def _tell(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)
