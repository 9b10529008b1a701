"""The whole examination, in the order in which one thing makes the next possible."""

from collections.abc import Iterator, Mapping

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.cli.configuration import Configuration, load_configuration
from decision_gate.mcp.cli.doctor.asking_http import Line
from decision_gate.mcp.cli.doctor.endpoint import endpoint_findings
from decision_gate.mcp.cli.doctor.finding import Finding, Level, failed, ok
from decision_gate.mcp.cli.doctor.installation import installation_findings
from decision_gate.mcp.cli.doctor.serving import serving, stdio_findings
from decision_gate.mcp.cli.doctor.settings import settings_findings
from decision_gate.mcp.cli.handled import RefusalError
from decision_gate.mcp.cli.mcp_connection import TOKEN_VARIABLE
from decision_gate.mcp.config import Config
from decision_gate.mcp.config.server import Transport


def examine(path: str | None, environment: Mapping[str, str], *, may_start: bool) -> Iterator[Finding]:
    """Look at the installation, the configuration and the endpoint of a server; yield findings as they are made.

    Args:
        path: Configuration, as ``--config`` names it.
        environment: Where its secrets are looked up.
        may_start: Whether to start the server for the examination when none runs.
    """
    yield from installation_findings()
    try:
        loaded = load_configuration(path, environment)
    except RefusalError as error:
        yield failed("configuration", error.format_message(), "decision-gate config validate")
        return
    is_startable = True
    for finding in settings_findings(loaded, environment):
        yield finding
        is_startable = is_startable and (finding.level is not Level.FAILED or finding.subject != "exposure")
    yield from _endpoint(loaded, environment, may_start=may_start and is_startable)


def _endpoint(loaded: Configuration, environment: Mapping[str, str], *, may_start: bool) -> Iterator[Finding]:
    config = loaded.config
    if config.server.transport is Transport.STDIO:
        if may_start and config.server.mcp.enabled:
            yield from stdio_findings(loaded.path)
        else:
            yield ok("endpoint", "stdio: a client starts the server itself")
        return
    try:
        line = Line.to(config.server)
    except OSError as error:
        yield failed("endpoint", f"the certificate cannot be read: {error}", "check server.tls.cert_path")
        return
    with serving(loaded.path, line, may_start=may_start) as found:
        yield found
        if found.level is Level.OK:
            yield from endpoint_findings(config, line, _token(config, environment))


def _token(config: Config, environment: Mapping[str, str]) -> str | None:
    """Return a token that the server takes: its own first one, or what the operator gives for a plug-in."""
    for source in config.server.auth.bearer_tokens:
        try:
            return source.reveal(environment)
        except DecisionGateError:
            continue
    return None if config.is_local_only else environment.get(TOKEN_VARIABLE) or None
