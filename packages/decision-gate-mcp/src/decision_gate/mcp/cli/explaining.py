"""The work of ``explain``: judge one stage by the evidence as it is now, without a run."""

from typing import Final

import attrs

from decision_gate.core.analysis import DisclosureLevel, GateExplanation, explain
from decision_gate.core.engine import normalise
from decision_gate.core.evaluation import evaluate
from decision_gate.core.json import JsonValue
from decision_gate.core.logic import condition_ids
from decision_gate.core.model import EvidenceContext, EvidenceResult, GateEvalRecord, ScenarioSpec
from decision_gate.core.ports import EvidenceCollector
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.workbench import SETTINGS, TENANT

_NO_RUN: Final = "explain"


@attrs.frozen(kw_only=True)
class Explained:
    """Where a stage stands and what it still needs."""

    stage_id: str
    is_open: bool
    gates: tuple[GateEvalRecord, ...]
    explanations: tuple[GateExplanation, ...]

    def wire(self) -> dict[str, JsonValue]:
        """Return the answer as programs read it."""
        return {
            "stage_id": self.stage_id,
            "open": self.is_open,
            "gates": [explanation.wire() for explanation in self.explanations],
        }


def explain_stage(
    spec: ScenarioSpec, stage_id: str | None, evidence: EvidenceCollector, at_ms: int, level: DisclosureLevel
) -> Explained:
    """Judge a stage, the first when none is named, and explain its gates as far as *level* permits.

    Raises:
        UnknownStageError: The scenario has no such stage.
        EvidenceTooLargeError: A value is over 1 MiB.
        GateResolutionError: All gates are true and no branch matches.
    """
    where = spec.stages[0].stage_id if stage_id is None else stage_id
    answers = _collected(spec, where, evidence, at_ms)
    decision = evaluate(spec, answers, stage_id=where, settings=SETTINGS)
    return Explained(
        stage_id=where,
        is_open=decision.passed,
        gates=decision.gates,
        explanations=explain(spec, decision.gates, level),
    )


def _collected(spec: ScenarioSpec, stage_id: str, evidence: EvidenceCollector, at_ms: int) -> dict[str, EvidenceResult]:
    """Ask for the conditions of one stage."""
    named = {
        name
        for stage in spec.stages
        if stage.stage_id == stage_id
        for gate in stage.gates
        for name in condition_ids(gate.requirement)
    }
    conditions = [condition for condition in spec.conditions if condition.condition_id in named]
    context = EvidenceContext(
        tenant_id=spec.default_tenant_id or TENANT,
        namespace_id=spec.namespace_id,
        run_id=_NO_RUN,
        scenario_id=spec.scenario_id,
        stage_id=stage_id,
        trigger_id=_NO_RUN,
        trigger_time=UnixMillis(at_ms),
    )
    answers = evidence.collect([condition.query for condition in conditions], context)
    return {
        condition.condition_id: normalise(answer, None) for condition, answer in zip(conditions, answers, strict=True)
    }
