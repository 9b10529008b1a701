"""Drive the worked example of contract §15 over any stores and compare what comes out.

The example is data beside this module (``FILES``): a scenario, calls with their answers, what the providers say in each
state, and the run pack; its ``README.md`` names the files.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from decision_gate.core.codec import decode, encode
from decision_gate.core.control_plane import ControlPlane, define
from decision_gate.core.engine import EngineSettings
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import parse
from decision_gate.core.memory import PermitAll, ReceiptDispatcher, SequentialCollector
from decision_gate.core.model import (
    EvidenceContext,
    EvidenceQuery,
    EvidenceResult,
    NextRequest,
    RunConfig,
    ScenarioSpec,
    StatusRequest,
    SubmitRequest,
    TriggerEvent,
    TrustLane,
)
from decision_gate.core.ports import EvidenceProviderFailureError, RunStore, ScenarioStore
from decision_gate.core.timestamps import timestamp

FILES: Final = files("decision_gate.core.testing") / "vectors" / "worked_example"
"""The folder of the example."""


def document(name: str) -> Any:  # noqa: ANN401 - a wire value
    """Return what one file of the example holds; a fresh copy, the caller may change it."""
    return parse((FILES / name).read_bytes())


class ScriptedProvider:
    """Answers as the state it is in says; remembers what it was asked, in order."""

    def __init__(self, states: Mapping[str, Mapping[str, Any]]) -> None:
        self._states = states
        self.state: str | None = None
        self.asked: list[str] = []

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:  # noqa: ARG002 - of the port
        """Answer from the script."""
        name = f"{query.provider_id}/{query.check_id}"
        self.asked.append(name)
        if self.state is None:
            raise EvidenceProviderFailureError("no state")
        answer = self._states[self.state][name]
        if "failure" in answer:
            raise EvidenceProviderFailureError(answer["failure"])
        return decode(EvidenceResult, answer["result"])


def control_plane(runs: RunStore, scenarios: ScenarioStore, provider: ScriptedProvider) -> ControlPlane:
    """Return the engine of the example: asserted evidence is accepted, every disclosure permitted."""
    return ControlPlane(
        runs=runs,
        scenarios=scenarios,
        evidence=SequentialCollector(dict.fromkeys(("ci", "board", "clock"), provider)),
        dispatcher=ReceiptDispatcher(),
        policy=PermitAll(),
        settings=EngineSettings(min_lane=TrustLane.ASSERTED),
    )


def play(engine: ControlPlane, provider: ScriptedProvider, spec: ScenarioSpec, call: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a wire value
    """Make one call of the example and return its answer as a wire value, or ``{"error": text}``."""
    provider.state = call.get("provider_state")
    scenario_id = spec.scenario_id
    try:
        match call["call"]:
            case "start":
                started_at = timestamp(**call["started_at"])
                config = decode(RunConfig, call["run_config"])
                return encode(
                    engine.start(scenario_id, config, started_at, issue_entry_packets=call["dispatch_initial"])
                )
            case "trigger":
                return encode(engine.trigger(scenario_id, decode(TriggerEvent, call["request"])))
            case "next":
                return encode(engine.next(scenario_id, decode(NextRequest, call["request"])))
            case "submit":
                return encode(engine.submit(scenario_id, decode(SubmitRequest, call["request"])))
            case "status":
                return encode(engine.status(scenario_id, decode(StatusRequest, call["request"])))
            case _:
                return None
    except DecisionGateError as error:
        return {"error": str(error)}


def defined(scenarios: ScenarioStore, spec: Any) -> ScenarioSpec:  # noqa: ANN401 - a wire value
    """Define the scenario of the example and return it."""
    scenario = decode(ScenarioSpec, spec)
    scenarios.define(define(scenario, scenario.default_tenant_id))
    return scenario
