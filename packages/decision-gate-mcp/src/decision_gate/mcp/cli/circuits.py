"""Which providers of a running server rest, as its ``/readyz`` tells (deviation X9)."""

from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.cli.doctor.asking_http import Line
from decision_gate.mcp.cli.handled import RefusalError
from decision_gate.mcp.config import Config
from decision_gate.mcp.config.providers import ProviderType
from decision_gate.mcp.evidence.circuit import Circuit


def running_circuits(config: Config) -> Mapping[str, Circuit]:
    """Ask the server of a configuration, on this machine, for the circuits of its providers.

    Raises:
        RefusalError: There is no such server, or it is not ready.
    """
    try:
        line = Line.to(config.server)
        answer = line.ask("GET", "/readyz")
    except (DecisionGateError, OSError, HTTPException) as error:
        raise RefusalError(f"no server of this configuration answers here: {error}") from error
    resting = told_circuits(answer.message)
    if resting is None:
        raise RefusalError(f"the server at {line.host_header} is not ready: /readyz answers {answer.status}")
    started = [table.name for table in config.providers if table.type is ProviderType.MCP and table.command]
    return {name: resting.get(name, Circuit.CLOSED) for name in started}


def told_circuits(message: Any) -> dict[str, Circuit] | None:  # noqa: ANN401 - a wire value
    """Return the circuits that a body of ``/readyz`` names, which are not closed; none when it is not ready."""
    match message:
        case {"status": "ready", "circuits": dict(circuits)}:
            known = {state.value: state for state in Circuit}
            return {str(name): known[state] for name, state in circuits.items() if state in known}
        case {"status": "ready"}:
            return {}
        case _:
            return None
