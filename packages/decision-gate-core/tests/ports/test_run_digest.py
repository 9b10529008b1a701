"""The digest of a commit is what anybody computes from its head and its records: stored runs depend on it."""

import hashlib

import attrs
import rfc8785

from decision_gate.core.model import RunStatus
from decision_gate.core.ports import FIRST, Log, LogCounts, LogRecord, PendingDispatch, RunHead, RunKey, with_digest
from decision_gate.core.ports.run_digest import head_fields, run_digest
from decision_gate.core.timestamps import Logical

HEAD = RunHead(
    key=RunKey(7, 3, "run-1"),
    scenario_id="release",
    owner=7,
    spec_hash="aa",
    current_stage_id="build",
    stage_entered_at=Logical(5),
    status=RunStatus.FAILED,
    version=10,
    state_version=9,
    counts=LogCounts(
        triggers=1, gate_evals=2, decisions=3, packets=4, submissions=5, tool_calls=6, intents=7, dispatch_targets=8
    ),
    decided_at_version=11,
    pending=PendingDispatch(decision_seq=12, packet_ids=("p", "q"), until=13),
    digest="bb",
)
FIELDS = {
    "counts": {
        "triggers": 1,
        "gate_evals": 2,
        "decisions": 3,
        "packets": 4,
        "submissions": 5,
        "tool_calls": 6,
        "intents": 7,
        "dispatch_targets": 8,
    },
    "current_stage_id": "build",
    "decided_at_version": 11,
    "key": {"tenant_id": 7, "namespace_id": 3, "run_id": "run-1"},
    "owner": 7,
    "pending": {"decision_seq": 12, "packet_ids": ["p", "q"], "until": 13},
    "scenario_id": "release",
    "spec_hash": "aa",
    "stage_entered_at": {"kind": "logical", "value": 5},
    "state_version": 9,
    "status": "failed",
    "version": 10,
}
RECORDS = (
    LogRecord(log=Log.TRIGGERS, seq=1, key="t", body=b"not hashed here", sha256="cc"),
    LogRecord(log=Log.TOOL_CALLS, seq=6, key=None, body=b"", sha256="dd"),
)
LINKS = [
    {"log": "triggers", "seq": 1, "key": "t", "sha256": "cc"},
    {"log": "tool_calls", "seq": 6, "key": None, "sha256": "dd"},
]


def test_everything_of_a_head_but_its_digest_is_bound():
    assert head_fields(HEAD) == FIELDS
    assert head_fields(attrs.evolve(HEAD, pending=None, owner=None)) == FIELDS | {"pending": None, "owner": None}


def test_a_digest_is_the_hash_of_the_one_before_and_the_canonical_commit():
    body = rfc8785.dumps({"head": FIELDS, "records": LINKS})

    for previous, raw in ((FIRST, bytes(32)), ("0f" * 32, b"\x0f" * 32)):
        digest = hashlib.sha256(raw + body).hexdigest()

        assert run_digest(previous, HEAD, RECORDS) == digest
        assert with_digest(previous, HEAD, RECORDS) == attrs.evolve(HEAD, digest=digest)
