"""Builders of runs for tests of stores: commits with right counts, hashes and digests, one after another."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import attrs

from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.model import RunStatus
from decision_gate.core.ports import (
    FIRST,
    Commit,
    Log,
    LogCounts,
    LogRecord,
    RunHead,
    RunKey,
    with_digest,
)
from decision_gate.core.timestamps import UnixMillis

KEY: Final = RunKey(7, 3, "run-1")
"""The run that builders make when no other is asked for."""

SPEC_HASH: Final = hashlib.sha256(b"a scenario").hexdigest()

STARTED_AT: Final = UnixMillis(1_760_000_000_000)


@attrs.frozen
class NewRecord:
    """A record without its place: ``commit_on`` numbers and hashes it."""

    log: Log
    body: bytes
    key: str | None = None


def new_record(log: Log, key: str | None = None, **fields: JsonValue) -> NewRecord:
    """Return a record of *log* whose body is the canonical object of *fields*."""
    return NewRecord(log, canonical(dict(fields)), key)


def commit_on(head: RunHead, records: Sequence[NewRecord], **changes: Any) -> Commit:  # noqa: ANN401 - fields of a head
    """Return the commit that adds *records* to the run at *head* and *changes* fields of the head.

    ``version``, ``counts`` and ``digest`` are filled in; ``state_version`` and ``decided_at_version`` move when
    the records ask for it.
    """
    version = head.version + 1
    counts = {log: head.counts.of(log) for log in Log}
    numbered = []
    for record in records:
        counts[record.log] += 1
        numbered.append(
            LogRecord(
                log=record.log,
                seq=counts[record.log],
                key=record.key,
                body=record.body,
                sha256=hashlib.sha256(record.body).hexdigest(),
            )
        )
    logs = {record.log for record in records}
    moved: dict[str, Any] = {
        "version": version,
        "counts": LogCounts(**{log.value: count for log, count in counts.items()}),
        "state_version": head.state_version + bool(changes or logs & {Log.TRIGGERS, Log.DECISIONS}),
        "decided_at_version": version if Log.DECISIONS in logs else head.decided_at_version,
    }
    following: RunHead = attrs.evolve(head, **{**moved, **changes})
    return Commit(
        expected_version=head.version,
        head=with_digest(head.digest, following, numbered),
        records=tuple(numbered),
    )


def start_commit(
    key: RunKey = KEY,
    *,
    scenario_id: str = "release",
    status: RunStatus = RunStatus.ACTIVE,
    records: Sequence[NewRecord] = (),
) -> Commit:
    """Return the commit that makes the run *key*, with one dispatch target and *records*."""
    nothing = RunHead(
        key=key,
        scenario_id=scenario_id,
        owner=key.tenant_id,
        spec_hash=SPEC_HASH,
        current_stage_id="build",
        stage_entered_at=STARTED_AT,
        status=status,
        version=0,
        state_version=0,
        counts=LogCounts(),
        digest=FIRST,
    )
    target = new_record(Log.DISPATCH_TARGETS, kind="agent", agent_id="agent-1")
    return commit_on(nothing, (target, *records), state_version=1)


def step_commit(head: RunHead, trigger_id: str, *, gates: int = 2, packets: int = 1, **changes: Any) -> Commit:  # noqa: ANN401 - fields of a head
    """Return the commit of one decided step: trigger, gate evaluations, decision, packets, tool call."""
    decision_id = f"decision-{head.counts.decisions + 1}"
    records = [
        new_record(Log.TRIGGERS, trigger_id=trigger_id, kind="agent_request_next"),
        *(new_record(Log.GATE_EVALS, gate_id=f"gate-{n}", trigger_id=trigger_id) for n in range(gates)),
        new_record(Log.DECISIONS, trigger_id, decision_id=decision_id, trigger_id=trigger_id),
        *(new_record(Log.PACKETS, packet_id=f"packet-{n}", decision_id=decision_id) for n in range(packets)),
        _tool_call(head, "scenario.next"),
    ]
    return commit_on(head, records, **changes)


def poll_commit(head: RunHead) -> Commit:
    """Return the commit of a status call: a tool call and nothing else."""
    return commit_on(head, [_tool_call(head, "scenario.status")])


def submit_commit(head: RunHead, submission_id: str, content: JsonValue = "handed in") -> Commit:
    """Return the commit of a submission."""
    submission = new_record(Log.SUBMISSIONS, submission_id, submission_id=submission_id, payload=content)
    return commit_on(head, [submission, _tool_call(head, "scenario.submit")])


def bodies(commits: Sequence[Commit], log: Log) -> list[bytes]:
    """Return the bodies that *commits* add to *log*, in order."""
    return [record.body for commit in commits for record in commit.records if record.log is log]


def _tool_call(head: RunHead, method: str) -> NewRecord:
    return new_record(Log.TOOL_CALLS, call_id=f"call-{head.counts.tool_calls + 1}", method=method)
