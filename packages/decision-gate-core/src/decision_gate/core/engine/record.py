"""Give a draft its place in the logs: number it, canonicalise it once, chain it (``docs/adr/0001-run-log.md``)."""

import hashlib

import attrs

from decision_gate.core.codec import canonical_record
from decision_gate.core.engine.drafts import CallDraft, Draft, StepDraft, StoredStep
from decision_gate.core.model import HashDigest, RunStatus, ToolCallRecord
from decision_gate.core.ports import (
    Commit,
    Log,
    LogCounts,
    LogRecord,
    PendingDispatch,
    RunHead,
    StepRecords,
    with_digest,
)


def seal(draft: Draft, head: RunHead) -> Commit:
    """Return the commit that adds *draft* to the run at *head*.

    INVARIANT: pure in both arguments, so the same draft sealed on the same head has the same digest on every store.
    """
    counts = head.counts
    records: list[LogRecord] = []
    for target in draft.dispatch_targets:
        counts = _add(records, counts, Log.DISPATCH_TARGETS, canonical_record(target))
    version = head.version + 1
    changed: dict[str, object] = {}
    if draft.step is not None:
        counts = _add_step(records, counts, draft.step)
        changed = {
            "current_stage_id": draft.step.draft.current_stage_id,
            "stage_entered_at": draft.step.draft.stage_entered_at,
            "status": draft.step.draft.status,
            "decided_at_version": version,
            "pending": None,
        }
    if draft.intent is not None:
        counts = _add(records, counts, Log.INTENTS, draft.intent.body)
        changed["pending"] = PendingDispatch(
            decision_seq=draft.intent.decision_seq,
            packet_ids=draft.intent.packet_ids,
            until=draft.intent.until,
        )
    if draft.submission is not None:
        submitted = canonical_record(draft.submission)
        counts = _add(records, counts, Log.SUBMISSIONS, submitted, draft.submission.submission_id)
    if draft.call is not None:
        counts = _add(records, counts, Log.TOOL_CALLS, canonical_record(_numbered(draft.call, counts.tool_calls + 1)))
    sealed = attrs.evolve(
        head,
        version=version,
        state_version=head.state_version + draft.moves_state,
        counts=counts,
        **changed,  # type: ignore[arg-type]  # fields of the head, chosen above
    )
    chained = with_digest(head.digest, sealed, records)
    return Commit(expected_version=head.version, head=chained, records=tuple(records))


def response_hash(step: StepRecords, status: RunStatus) -> HashDigest:
    """Return the hash of ``{decision, packets, status}``, composed of stored canonical bytes (contract §7)."""
    body = b'{"decision":%b,"packets":[%b],"status":"%b"}' % (
        step.decision,
        b",".join(step.packets),
        status.value.encode(),
    )
    return HashDigest(value=hashlib.sha256(body).hexdigest())


def store_step(step: StepDraft) -> StoredStep:
    """Canonicalise the records of a drafted step."""
    return StoredStep(
        draft=step,
        trigger=canonical_record(step.trigger),
        records=StepRecords(
            decision=canonical_record(step.decision),
            packets=tuple(canonical_record(packet) for packet in step.packets),
            gate_evals=tuple(canonical_record(evaluation) for evaluation in step.gate_evals),
        ),
    )


def _add_step(records: list[LogRecord], counts: LogCounts, step: StoredStep) -> LogCounts:
    counts = _add(records, counts, Log.TRIGGERS, step.trigger)
    for body in step.records.gate_evals:
        counts = _add(records, counts, Log.GATE_EVALS, body)
    counts = _add(records, counts, Log.DECISIONS, step.records.decision, step.draft.decision.trigger_id)
    for body in step.records.packets:
        counts = _add(records, counts, Log.PACKETS, body)
    return counts


def _add(records: list[LogRecord], counts: LogCounts, log: Log, body: bytes, key: str | None = None) -> LogCounts:
    seq = counts.of(log) + 1
    records.append(LogRecord(log=log, seq=seq, key=key, body=body, sha256=hashlib.sha256(body).hexdigest()))
    return attrs.evolve(counts, **{log.value: seq})


def _numbered(call: CallDraft, number: int) -> ToolCallRecord:
    return ToolCallRecord(
        call_id=f"call-{number}",
        method=call.method,
        request_hash=call.request_hash,
        response_hash=call.response_hash,
        called_at=call.called_at,
        correlation_id=call.correlation_id,
        error=call.error,
    )
