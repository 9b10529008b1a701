"""Judge asserted evidence against a stage of a scenario; nothing is written (contract §6.10)."""

from decision_gate.core.engine import ScenarioPlan, judge_results, normalise, outcome_of, route
from decision_gate.core.evaluation import NO_EVIDENCE
from decision_gate.core.model import PrecheckRequest, PrecheckResult


def precheck(plan: ScenarioPlan, request: PrecheckRequest) -> PrecheckResult:
    """Return what the stage would decide on the evidence in *request*; providers and anchors play no part.

    Raises:
        UnknownStageError: The scenario has no such stage.
        EvidenceTooLargeError: A value is over 1 MiB.
        GateResolutionError: All gates are true, no branch matches and there is no default.
    """
    stage = plan.stage(plan.spec.stages[0].stage_id if request.stage_id is None else request.stage_id)
    results = [
        normalise(request.evidence.get(condition.spec.condition_id, NO_EVIDENCE), None)
        for condition in stage.conditions
    ]
    gates = [record.evaluation for record in judge_results(stage, results, "")]
    where = route(plan.spec, stage.spec, gates)
    return PrecheckResult(decision=outcome_of(stage.spec.stage_id, where), gate_evaluations=tuple(gates))
