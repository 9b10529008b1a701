"""Give a draft its place in the logs: number it, canonicalise it once, chain it (``docs/adr/0001-run-log.md``)."""

import hashlib
import operator
from typing import Final

from decision_gate.core.codec import encode
from decision_gate.core.engine.drafts import CallDraft, Draft, StepDraft, StoredStep
from decision_gate.core.json import canonical_finite
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
from decision_gate.core.records import maker

_make_record, _make_head, _make_counts = maker(LogRecord), maker(RunHead), maker(LogCounts)
_NAMES: Final = tuple(log.value for log in Log)
_COUNTS_OF: Final = operator.attrgetter(*_NAMES)


class _Logs:
    """The records of one commit, numbered on from the counts of a head."""

    def __init__(self, counts: LogCounts) -> None:
        self.records: list[LogRecord] = []
        # By name, not by member: enumeration members hash in Python, names in C.
        self._counts: dict[str, int] = dict(zip(_NAMES, _COUNTS_OF(counts), strict=True))

    def add(self, log: Log, body: bytes, key: str | None = None) -> None:
        """Append one record to its log."""
        name = log.value
        seq = self._counts[name] + 1
        self._counts[name] = seq
        sha256 = hashlib.sha256(body).hexdigest()
        self.records.append(_make_record(log, seq, key, body, sha256))

    def next_seq(self, log: Log) -> int:
        """Return the number that the next record of *log* gets."""
        return self._counts[log.value] + 1

    def counts(self) -> LogCounts:
        """Return the counts with this commit's records."""
        return _make_counts(**self._counts)


def seal(draft: Draft, head: RunHead) -> Commit:
    """Return the commit that adds *draft* to the run at *head*.

    INVARIANT: pure in both arguments, so the same draft sealed on the same head has the same digest on every store.
    """
    logs = _Logs(head.counts)
    for target in draft.dispatch_targets:
        logs.add(Log.DISPATCH_TARGETS, _stored(target))
    if draft.step is not None:
        _add_step(logs, draft.step)
    if draft.intent is not None:
        logs.add(Log.INTENTS, draft.intent.body)
    if draft.submission is not None:
        logs.add(Log.SUBMISSIONS, _stored(draft.submission), draft.submission.submission_id)
    if draft.call is not None:
        logs.add(Log.TOOL_CALLS, _stored(_numbered(draft.call, logs.next_seq(Log.TOOL_CALLS))))
    moved = with_digest(head.digest, _moved(draft, head, logs.counts()), logs.records)
    return Commit(expected_version=head.version, head=moved, records=tuple(logs.records))


def _moved(draft: Draft, head: RunHead, counts: LogCounts) -> RunHead:
    """Return the head after *draft*, still with the digest before it."""
    step = None if draft.step is None else draft.step.draft
    version = head.version + 1
    # Spelled out, here and in ``with_digest``: ``attrs.evolve`` looks up every field by name, twice for each commit.
    return _make_head(
        key=head.key,
        scenario_id=head.scenario_id,
        owner=head.owner,
        spec_hash=head.spec_hash,
        current_stage_id=head.current_stage_id if step is None else step.current_stage_id,
        stage_entered_at=head.stage_entered_at if step is None else step.stage_entered_at,
        status=head.status if step is None else step.status,
        version=version,
        state_version=head.state_version + draft.moves_state,
        counts=counts,
        decided_at_version=head.decided_at_version if step is None else version,
        pending=_pending(draft, head),
        digest=head.digest,
    )


def _pending(draft: Draft, head: RunHead) -> PendingDispatch | None:
    if draft.intent is not None:
        return PendingDispatch(
            decision_seq=draft.intent.decision_seq,
            packet_ids=draft.intent.packet_ids,
            until=draft.intent.until,
        )
    return head.pending if draft.step is None else None


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
        trigger=_stored(step.trigger),
        records=StepRecords(
            decision=_stored(step.decision),
            packets=tuple(_stored(packet) for packet in step.packets),
            gate_evals=tuple(_stored(evaluation) for evaluation in step.gate_evals),
        ),
    )


def _stored(record: object) -> bytes:
    """Canonicalise a record whose free-form values were hashed before, which refuses what is not finite."""
    return canonical_finite(encode(record))


def _add_step(logs: _Logs, step: StoredStep) -> None:
    logs.add(Log.TRIGGERS, step.trigger)
    for body in step.records.gate_evals:
        logs.add(Log.GATE_EVALS, body)
    logs.add(Log.DECISIONS, step.records.decision, step.draft.decision.trigger_id)
    for body in step.records.packets:
        logs.add(Log.PACKETS, body)


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
