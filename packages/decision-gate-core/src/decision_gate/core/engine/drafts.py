"""What a call adds to a run before it has a place in the logs."""

import attrs

from decision_gate.core.model import (
    DecisionRecord,
    DispatchTarget,
    GateEvalRecord,
    HashDigest,
    PacketRecord,
    RunStatus,
    SubmissionRecord,
    ToolCallError,
    TriggerRecord,
)
from decision_gate.core.ports import StepRecords
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class CallDraft:
    """The transcript entry of a call; it gets its number when it is sealed (contract §6.9)."""

    method: str
    request_hash: HashDigest
    response_hash: HashDigest
    called_at: Timestamp
    correlation_id: str | None
    error: ToolCallError | None = None


@attrs.frozen(kw_only=True)
class StepDraft:
    """A decided step: its records, and where the run stands after it.

    Its sequence numbers come from the head it was computed from; they hold as long as ``state_version`` does.
    """

    trigger: TriggerRecord
    gate_evals: tuple[GateEvalRecord, ...]
    decision: DecisionRecord
    packets: tuple[PacketRecord, ...]
    current_stage_id: str
    stage_entered_at: Timestamp
    status: RunStatus


@attrs.frozen(kw_only=True)
class StoredStep:
    """A step, canonicalised once for its hash, its log records and its answer."""

    draft: StepDraft
    trigger: bytes
    records: StepRecords


@attrs.frozen(kw_only=True)
class IntentDraft:
    """An announced dispatch; ``body`` is canonical and holds all that finishing it takes."""

    body: bytes
    decision_seq: int
    packet_ids: tuple[str, ...]
    until: int


@attrs.frozen(kw_only=True)
class Draft:
    """Everything one call adds; ``state_version`` is that of the head it was computed from."""

    state_version: int
    call: CallDraft | None = None
    step: StoredStep | None = None
    submission: SubmissionRecord | None = None
    intent: IntentDraft | None = None
    dispatch_targets: tuple[DispatchTarget, ...] = ()

    @property
    def moves_state(self) -> bool:
        """Whether triggers, decisions, stage or status change."""
        return self.step is not None or self.intent is not None
