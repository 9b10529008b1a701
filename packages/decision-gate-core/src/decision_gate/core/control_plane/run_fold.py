"""The wire's run state: the fold of a head and its logs, made when somebody asks (contract §3.8)."""

from collections.abc import Callable
from typing import TypeVar

from decision_gate.core.control_plane.stepping import decode_target
from decision_gate.core.control_plane.stored_records import stored
from decision_gate.core.engine import StepDraft
from decision_gate.core.model import (
    DecisionRecord,
    DispatchTarget,
    GateEvalRecord,
    HashDigest,
    PacketRecord,
    RunState,
    SubmissionRecord,
    ToolCallRecord,
    TriggerRecord,
)
from decision_gate.core.ports import Log, RunHead, RunLogs

Record = TypeVar("Record")


def fold(head: RunHead, targets: tuple[DispatchTarget, ...], step: StepDraft | None) -> RunState:
    """Return the state of a run that has just been started."""
    return RunState(
        tenant_id=head.key.tenant_id,
        namespace_id=head.key.namespace_id,
        run_id=head.key.run_id,
        scenario_id=head.scenario_id,
        spec_hash=HashDigest(value=head.spec_hash),
        current_stage_id=head.current_stage_id,
        stage_entered_at=head.stage_entered_at,
        status=head.status,
        dispatch_targets=targets,
        triggers=() if step is None else (step.trigger,),
        gate_evals=(),
        decisions=() if step is None else (step.decision,),
        packets=() if step is None else step.packets,
        submissions=(),
        tool_calls=(),
    )


def fold_store(runs: RunLogs, head: RunHead) -> RunState:
    """Return the state of a run as of *head*; as long as the run is.

    Raises:
        RecordErasedError: A record of it was erased under retention.
    """

    def log(which: Log, record: Callable[[bytes], Record]) -> tuple[Record, ...]:
        upto = head.counts.of(which)
        return tuple(record(body) for body in runs.read(head.key, which, upto=upto)) if upto else ()

    return RunState(
        tenant_id=head.key.tenant_id,
        namespace_id=head.key.namespace_id,
        run_id=head.key.run_id,
        scenario_id=head.scenario_id,
        spec_hash=HashDigest(value=head.spec_hash),
        current_stage_id=head.current_stage_id,
        stage_entered_at=head.stage_entered_at,
        status=head.status,
        dispatch_targets=log(Log.DISPATCH_TARGETS, decode_target),
        triggers=log(Log.TRIGGERS, lambda body: stored(TriggerRecord, body)),
        gate_evals=log(Log.GATE_EVALS, lambda body: stored(GateEvalRecord, body)),
        decisions=log(Log.DECISIONS, lambda body: stored(DecisionRecord, body)),
        packets=log(Log.PACKETS, lambda body: stored(PacketRecord, body)),
        submissions=log(Log.SUBMISSIONS, lambda body: stored(SubmissionRecord, body)),
        tool_calls=log(Log.TOOL_CALLS, lambda body: stored(ToolCallRecord, body)),
    )
