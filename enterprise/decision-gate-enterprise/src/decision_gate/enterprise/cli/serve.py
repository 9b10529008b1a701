"""``decision-gate cloud serve``: the production server; it does not start in a way that breaks its promises."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from decision_gate.core.errors import DecisionGateError
from decision_gate.enterprise.cli.deployment import in_deployment, opened_configuration
from decision_gate.enterprise.host import open_server
from decision_gate.mcp.cli.handled import RefusalError
from decision_gate.mcp.config.server import Transport
from decision_gate.mcp.exposure import check_exposure, exposure_notice
from decision_gate.mcp.host import Host
from decision_gate.mcp.notices import posture_notices


@click.command(
    epilog="\b\nExamples:\n  decision-gate cloud serve --dir gate\n"
    "  decision-gate cloud serve --config prod.toml --allow-non-loopback"
)
@in_deployment
@click.option("--allow-non-loopback", is_flag=True, help="Permit an address that other machines can reach.")
def serve(*, folder: Path, config: str | None, allow_non_loopback: bool) -> None:
    """Run the production server of a deployment until it is told to stop.

    It refuses to start with an open authorizer, without meter, durable ledger, audit log or a bound on callers' time,
    and names what is missing and how to mend it.
    """
    with opened_configuration(folder, config) as found:
        with _failing_as("Refusing to serve"):
            is_exposed = check_exposure(found.config, os.environ, is_allowed=allow_non_loopback)
        if is_exposed:
            _tell(*exposure_notice(found.config))
        with ExitStack() as stack:
            with _failing_as("Refusing to serve"):
                host = stack.enter_context(open_server(found.config, os.environ, offers=found.offers))
            _tell(*posture_notices(found.config, config_age_ms=None))
            with _failing_as("Server failed"):
                _run(host)


def _run(host: Host) -> None:
    if host.config.server.transport is Transport.STDIO:
        # Imported here, as below: a refused configuration should not wait for a server.
        from decision_gate.mcp.transport.stdio import serve_stdio  # noqa: PLC0415 - lazy

        serve_stdio(host)
        return
    from decision_gate.mcp.transport.serving import serve_http  # noqa: PLC0415 - lazy

    serve_http(host)


@contextmanager
def _failing_as(what: str) -> Iterator[None]:
    """End the command with status 1 and one line that says what failed. Raise ``RefusalError``."""
    try:
        yield
    except (DecisionGateError, OSError) as error:
        raise RefusalError(f"{what}: {error}") from error


def _tell(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)
