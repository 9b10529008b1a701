"""Turn a route into the records of a decided step (contract §6.5, §6.8)."""

from typing import assert_never

import attrs

from decision_gate.core.engine.drafts import StepDraft
from decision_gate.core.engine.route import Advance, Complete, Fail, Hold, Route
from decision_gate.core.model import (
    AdvanceOutcome,
    CompleteOutcome,
    DecisionOutcome,
    DecisionRecord,
    FailOutcome,
    GateEvalRecord,
    HoldOutcome,
    PacketRecord,
    RunStatus,
    SafeSummary,
    StartOutcome,
    TriggerEvent,
    TriggerRecord,
)
from decision_gate.core.ports import RunHead

AWAIT_EVIDENCE = "await_evidence"
"""The retry hint of a hold."""


def decide(
    head: RunHead,
    event: TriggerEvent,
    gate_evals: tuple[GateEvalRecord, ...],
    route: Route,
) -> StepDraft:
    """Return the step that *route* means for the run at *head*, without packets."""
    stays = StepDraft(
        trigger=TriggerRecord(seq=head.counts.triggers + 1, event=event),
        gate_evals=gate_evals,
        decision=_decision(head, event, outcome_of(head.current_stage_id, route)),
        packets=(),
        current_stage_id=head.current_stage_id,
        stage_entered_at=head.stage_entered_at,
        status=RunStatus.ACTIVE,
    )
    match route:
        case Advance(to_stage=target):
            return attrs.evolve(stays, current_stage_id=target, stage_entered_at=event.time)
        case Hold():
            return stays
        case Complete():
            return attrs.evolve(stays, status=RunStatus.COMPLETED)
        case Fail():
            return attrs.evolve(stays, status=RunStatus.FAILED)
        case _ as never:
            assert_never(never)


def start(head: RunHead, event: TriggerEvent) -> StepDraft:
    """Return the first step of a run that issues the packets of its initial stage (contract §6.2)."""
    return StepDraft(
        trigger=TriggerRecord(seq=1, event=event),
        gate_evals=(),
        decision=_decision(head, event, StartOutcome(stage_id=head.current_stage_id)),
        packets=(),
        current_stage_id=head.current_stage_id,
        stage_entered_at=head.stage_entered_at,
        status=RunStatus.ACTIVE,
    )


def failed(head: RunHead, step: StepDraft, reason: str) -> StepDraft:
    """Return *step* as it stands when its packets could not be issued: the run fails where it is."""
    return attrs.evolve(
        step,
        decision=attrs.evolve(step.decision, outcome=FailOutcome(reason=reason)),
        packets=(),
        current_stage_id=head.current_stage_id,
        stage_entered_at=head.stage_entered_at,
        status=RunStatus.FAILED,
    )


def with_packets(step: StepDraft, packets: tuple[PacketRecord, ...]) -> StepDraft:
    """Return *step* with its issued packets."""
    return attrs.evolve(step, packets=packets)


def outcome_of(stage_id: str, route: Route) -> DecisionOutcome:
    """Return the recorded outcome of *route* from *stage_id*."""
    match route:
        case Advance(to_stage=target, timeout=timeout):
            return AdvanceOutcome(from_stage=stage_id, to_stage=target, timeout=timeout)
        case Complete():
            return CompleteOutcome(stage_id=stage_id)
        case Fail(reason=reason):
            return FailOutcome(reason=reason)
        case Hold(unmet_gates=unmet):
            return HoldOutcome(
                summary=SafeSummary(status="hold", unmet_gates=unmet, retry_hint=AWAIT_EVIDENCE, policy_tags=())
            )
        case _ as never:
            assert_never(never)


def _decision(head: RunHead, event: TriggerEvent, outcome: DecisionOutcome) -> DecisionRecord:
    seq = head.counts.decisions + 1
    return DecisionRecord(
        decision_id=f"decision-{seq}",
        seq=seq,
        trigger_id=event.trigger_id,
        stage_id=head.current_stage_id,
        decided_at=event.time,
        outcome=outcome,
        correlation_id=event.correlation_id,
    )
