"""The announcement of a dispatch with effects: enough to finish it after a crash (``docs/adr/0001-run-log.md``)."""

from decision_gate.core.codec import decode, encode
from decision_gate.core.engine.drafts import IntentDraft, StepDraft
from decision_gate.core.engine.packets import Packet
from decision_gate.core.json import canonical, parse
from decision_gate.core.limits import MAX_RECORD_DEPTH
from decision_gate.core.model import DecisionRecord, GateEvalRecord, RunStatus, TriggerRecord
from decision_gate.core.ports import StoreCorruptError
from decision_gate.core.timestamps import timestamp


def announce(step: StepDraft, packets: tuple[Packet, ...], until: int) -> IntentDraft:
    """Return the intent of delivering *packets* as part of *step*."""
    entered = step.stage_entered_at
    body = canonical(
        {
            "current_stage_id": step.current_stage_id,
            "decision": encode(step.decision),
            "gate_evals": [encode(evaluation) for evaluation in step.gate_evals],
            "stage_entered_at": {"kind": entered.kind, "value": entered.value},
            "trigger": encode(step.trigger),
        }
    )
    return IntentDraft(
        body=body,
        decision_seq=step.decision.seq,
        packet_ids=tuple(packet.envelope.packet_id for packet in packets),
        until=until,
    )


def announced(body: bytes) -> StepDraft:
    """Return the step that an intent announced, still without packets.

    Raises:
        StoreCorruptError: The body is not an intent.
    """
    match parse(body, max_depth=MAX_RECORD_DEPTH):
        case {
            "current_stage_id": str(stage),
            "decision": decision,
            "gate_evals": list(evaluations),
            "stage_entered_at": {"kind": str(kind), "value": int(value)},
            "trigger": trigger,
        }:
            return StepDraft(
                trigger=decode(TriggerRecord, trigger),
                gate_evals=tuple(decode(GateEvalRecord, evaluation) for evaluation in evaluations),
                decision=decode(DecisionRecord, decision),
                packets=(),
                current_stage_id=stage,
                stage_entered_at=timestamp(kind, value),
                status=RunStatus.ACTIVE,
            )
        case _:
            raise StoreCorruptError("a stored dispatch intent cannot be read")
