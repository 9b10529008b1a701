"""Evidence in, gate evaluations out (contract §6.6)."""

from collections.abc import Sequence

from decision_gate.core.comparators import ABSENT
from decision_gate.core.engine.normalise import normalise
from decision_gate.core.engine.plan import ConditionPlan, GatePlan, StagePlan
from decision_gate.core.engine.trust import unverified
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    EvidenceRecord,
    EvidenceResult,
    GateEvalRecord,
    GateEvaluation,
    TrustLane,
)
from decision_gate.core.ports import EvidenceAnswer
from decision_gate.core.records import maker

# Locals of the module: reading a member of an enumeration costs a look-up in its class.
_UNKNOWN, _VERIFIED = TriState.UNKNOWN, TrustLane.VERIFIED

_make_record = maker(EvidenceRecord)


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
        condition_id: evidence_record(condition, result)
        for condition_id, condition, result in zip(stage.condition_ids, stage.conditions, results, strict=True)
    }
    return tuple(_evaluate(stage.spec.stage_id, gate, records, trigger_id) for gate in stage.gates)


def evidence_record(condition: ConditionPlan, result: EvidenceResult) -> EvidenceRecord:
    """Compare one piece of evidence; an error is unknown, even for ``exists`` and ``not_exists``."""
    if result.error is not None:
        status = _UNKNOWN
    else:
        value = result.value
        status = condition.compare(ABSENT if value is None else value.value)
    return _make_record(condition.spec.condition_id, status, result)


def _evaluate(stage_id: str, gate: GatePlan, records: dict[str, EvidenceRecord], trigger_id: str) -> GateEvalRecord:
    seen = []
    statuses = {}
    for condition_id in gate.evidence_ids:
        record = records[condition_id]
        if record.result.lane is not _VERIFIED and condition_id in gate.needs_verified:
            record = unverified(record)
        seen.append(record)
        statuses[condition_id] = record.status
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
