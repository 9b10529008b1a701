"""Commits of runs whose content does not matter, for races and faults."""

import hashlib

import attrs

from decision_gate.core.model import RunStatus
from decision_gate.core.ports import FIRST, Commit, Log, LogCounts, LogRecord, RunHead, RunKey, with_digest
from decision_gate.core.timestamps import UnixMillis


def record(log: Log, seq: int, body: bytes, key: str | None = None) -> LogRecord:
    """Return a record with its hash."""
    return LogRecord(log=log, seq=seq, key=key, body=body, sha256=hashlib.sha256(body).hexdigest())


def first_commit(key: RunKey) -> Commit:
    """Return the commit that makes an active run with one dispatch target."""
    records = (record(Log.DISPATCH_TARGETS, 1, b'{"agent_id":"a","kind":"agent"}'),)
    head = RunHead(
        key=key,
        scenario_id="harbor",
        owner=key.tenant_id,
        spec_hash="ab" * 32,
        current_stage_id="intake",
        stage_entered_at=UnixMillis(1),
        status=RunStatus.ACTIVE,
        version=1,
        state_version=1,
        counts=LogCounts(dispatch_targets=1),
        digest=FIRST,
    )
    return Commit(expected_version=0, head=with_digest(FIRST, head, records), records=records)


def decided(before: RunHead, trigger_id: str | None = None, filling: bytes = b"") -> Commit:
    """Return a commit that adds a trigger, a gate evaluation, a decision and a tool call to a run at *before*."""
    seq, version = before.counts.decisions + 1, before.version + 1
    trigger = trigger_id or f"trigger-{seq}"
    records = tuple(
        record(
            log, seq, f"{log.value} {seq} of {trigger}".encode() + filling, trigger if log is Log.DECISIONS else None
        )
        for log in (Log.TRIGGERS, Log.GATE_EVALS, Log.DECISIONS, Log.TOOL_CALLS)
    )
    head = attrs.evolve(
        before,
        version=version,
        state_version=before.state_version + 1,
        decided_at_version=version,
        counts=attrs.evolve(before.counts, triggers=seq, gate_evals=seq, decisions=seq, tool_calls=seq),
    )
    return Commit(expected_version=before.version, head=with_digest(before.digest, head, records), records=records)
