"""The hash chain of a run: every commit binds the one before it (``docs/adr/0001-run-log.md``).

``digest = sha256(previous ‖ canonical({head without digest, records: [{key, log, seq, sha256}]}))``:
a chain over record hashes, so that a body can be erased under retention without breaking it. ``previous`` is
32 bytes, zero for the first.
"""

import hashlib
from collections.abc import Sequence

from decision_gate.core.json import JsonValue, canonical_finite
from decision_gate.core.ports.runs import LogRecord, RunHead
from decision_gate.core.records import maker

_make_head = maker(RunHead)

FIRST = "0" * 64
"""The digest before the first commit."""


def head_fields(head: RunHead) -> dict[str, JsonValue]:
    """Return everything of *head* that the chain binds and a store must keep, without the digest."""
    counts = head.counts
    pending = head.pending
    return {
        "counts": {
            "decisions": counts.decisions,
            "dispatch_targets": counts.dispatch_targets,
            "gate_evals": counts.gate_evals,
            "intents": counts.intents,
            "packets": counts.packets,
            "submissions": counts.submissions,
            "tool_calls": counts.tool_calls,
            "triggers": counts.triggers,
        },
        "current_stage_id": head.current_stage_id,
        "decided_at_version": head.decided_at_version,
        "key": {
            "namespace_id": head.key.namespace_id,
            "run_id": head.key.run_id,
            "tenant_id": head.key.tenant_id,
        },
        "owner": head.owner,
        "pending": None
        if pending is None
        else {
            "decision_seq": pending.decision_seq,
            "packet_ids": list(pending.packet_ids),
            "until": pending.until,
        },
        "scenario_id": head.scenario_id,
        "spec_hash": head.spec_hash,
        "stage_entered_at": {"kind": head.stage_entered_at.kind, "value": head.stage_entered_at.value},
        "state_version": head.state_version,
        "status": head.status.value,
        "version": head.version,
    }


def run_digest(previous: str, head: RunHead, records: Sequence[LogRecord]) -> str:
    """Return the hexadecimal digest of the commit that leads to *head*, whose own digest does not count."""
    body: dict[str, JsonValue] = {
        "head": head_fields(head),
        "records": [
            {"key": each.key, "log": each.log.value, "seq": each.seq, "sha256": each.sha256} for each in records
        ],
    }
    return hashlib.sha256(bytes.fromhex(previous) + canonical_finite(body)).hexdigest()


def with_digest(previous: str, head: RunHead, records: Sequence[LogRecord]) -> RunHead:
    """Return *head* with its digest filled in."""
    return _make_head(
        key=head.key,
        scenario_id=head.scenario_id,
        owner=head.owner,
        spec_hash=head.spec_hash,
        current_stage_id=head.current_stage_id,
        stage_entered_at=head.stage_entered_at,
        status=head.status,
        version=head.version,
        state_version=head.state_version,
        counts=head.counts,
        decided_at_version=head.decided_at_version,
        pending=head.pending,
        digest=run_digest(previous, head, records),
    )
