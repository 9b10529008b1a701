"""The work of ``gate``: drive a run as far as the evidence carries it, and say what that means."""

import secrets
from typing import Final

import attrs

from decision_gate.core.analysis import DisclosureLevel, GateExplanation, explain
from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue
from decision_gate.core.logic import TriState
from decision_gate.core.model import HoldOutcome, RunStatus, ScenarioSpec
from decision_gate.core.ports import RunKey
from decision_gate.mcp.cli.exit_codes import HOLD_FALSE, HOLD_UNKNOWN, OK
from decision_gate.mcp.cli.workbench import Evaluated, Workbench

MAX_STEPS: Final = 1_000
"""Stages that one call passes; a scenario whose stages lead in a circle goes on with the next call."""


@attrs.frozen(kw_only=True)
class Verdict:
    """How far the run came; the last of ``steps`` is where it stands now."""

    spec: ScenarioSpec
    run_id: str
    steps: tuple[Evaluated, ...]

    @property
    def last(self) -> Evaluated:
        """The step after which the run stands where it stands."""
        return self.steps[-1]

    @property
    def word(self) -> str:
        """``pass``, ``hold`` or ``fail``."""
        match self.last.result.status:
            case RunStatus.COMPLETED:
                return "pass"
            case RunStatus.FAILED:
                return "fail"
            case RunStatus.ACTIVE:
                return "hold"

    @property
    def exit_code(self) -> int:
        """0 pass; 3 when an unmet gate is false, or the run failed; 4 when all unmet gates are unknown."""
        if self.word == "pass":
            return OK
        if not isinstance(self.last.result.decision.outcome, HoldOutcome):
            return HOLD_FALSE
        statuses = {record.evaluation.status for record in self.last.gates}
        return HOLD_FALSE if TriState.FALSE in statuses else HOLD_UNKNOWN

    def explanations(self, step: Evaluated) -> tuple[GateExplanation, ...]:
        """Explain the gates of one step in full: the person at the command line can read the evidence anyway."""
        return explain(self.spec, step.gates, DisclosureLevel.EVIDENCE)

    def wire(self) -> dict[str, JsonValue]:
        """Return the verdict as programs read it."""
        return {
            "scenario_id": self.spec.scenario_id,
            "run_id": self.run_id,
            "verdict": self.word,
            "exit_code": self.exit_code,
            "stage_id": self.last.stage_id,
            "steps": [
                {"stage_id": step.stage_id, "outcome": encode(step.result.decision.outcome)} for step in self.steps
            ],
            "gates": [explanation.wire() for explanation in self.explanations(self.last)],
        }


def drive(bench: Workbench, spec: ScenarioSpec, key: RunKey) -> Verdict:
    """Evaluate the run, stage after stage, until it holds or ends.

    Raises:
        ProviderMissingError: The scenario asks a provider that there is not.
        EvidenceTooLargeError: A value is over 1 MiB.
        GateResolutionError: A stage's gates are all true and no branch matches.
    """
    steps: list[Evaluated] = []
    # Random, because a trigger id that was used before is answered with what it was answered then.
    call = secrets.token_hex(6)
    while len(steps) < MAX_STEPS:
        step = bench.evaluate(spec, key, f"gate-{call}-{len(steps) + 1}")
        steps.append(step)
        if step.result.status is not RunStatus.ACTIVE or isinstance(step.result.decision.outcome, HoldOutcome):
            break
    return Verdict(spec=spec, run_id=key.run_id, steps=tuple(steps))
