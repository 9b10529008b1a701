"""Evidence in, gate evaluations out (contract §6.6)."""

from collections.abc import Sequence

from decision_gate.core.comparators import ABSENT
from decision_gate.core.engine.normalise import normalise
from decision_gate.core.engine.plan import ConditionPlan, GatePlan, StagePlan
from decision_gate.core.engine.trust import enforce
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    EvidenceRecord,
    EvidenceResult,
    GateEvalRecord,
    GateEvaluation,
)
from decision_gate.core.ports import EvidenceAnswer


def judge(stage: StagePlan, answers: Sequence[EvidenceAnswer], trigger_id: str) -> tuple[GateEvalRecord, ...]:
    """Judge a stage by the answers to its questions, which are in the order of ``stage.queries``.

    Raises:
        EvidenceTooLargeError: A value is over 1 MiB; the whole call fails.
    """
    results = [normalise(answer, condition.anchor) for condition, answer in zip(stage.conditions, answers, strict=True)]
    return judge_results(stage, results, trigger_id)


def judge_results(stage: StagePlan, results: Sequence[EvidenceResult], trigger_id: str) -> tuple[GateEvalRecord, ...]:
    """Judge a stage by normalised evidence, in the order of ``stage.queries``."""
    records = {
        condition.spec.condition_id: evidence_record(condition, result)
        for condition, result in zip(stage.conditions, results, strict=True)
    }
    return tuple(_evaluate(stage.spec.stage_id, gate, records, trigger_id) for gate in stage.gates)


def evidence_record(condition: ConditionPlan, result: EvidenceResult) -> EvidenceRecord:
    """Compare one piece of evidence; an error is unknown, even for ``exists`` and ``not_exists``."""
    if result.error is not None:
        status = TriState.UNKNOWN
    else:
        status = condition.compare(ABSENT if result.value is None else result.value.value)
    return EvidenceRecord(condition_id=condition.spec.condition_id, status=status, result=result)


def _evaluate(stage_id: str, gate: GatePlan, records: dict[str, EvidenceRecord], trigger_id: str) -> GateEvalRecord:
    seen = [
        enforce(records[condition_id], needs_verified=condition_id in gate.needs_verified)
        for condition_id in gate.evidence_ids
    ]
    statuses = {record.condition_id: record.status for record in seen}
    return GateEvalRecord(
        trigger_id=trigger_id,
        stage_id=stage_id,
        evaluation=GateEvaluation(
            gate_id=gate.spec.gate_id,
            status=gate.status(statuses),
            trace=gate.trace(statuses),
        ),
        evidence=tuple(seen),
    )
