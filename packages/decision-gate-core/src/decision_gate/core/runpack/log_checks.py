"""What must hold for a single record of a log, whatever the others say (deviation S9).

Each function yields what is wrong with one record, in words that follow the name of its file and its
position.
"""

from collections.abc import Iterator

from decision_gate.core.codec import hash_record
from decision_gate.core.engine import EvidenceTooLargeError, PayloadTooLargeError, content_hash
from decision_gate.core.engine.normalise import evidence_bytes
from decision_gate.core.hashing import sha256_hex
from decision_gate.core.model import (
    DecisionRecord,
    EvidenceRecord,
    HashDigest,
    PacketPayload,
    PacketRecord,
    RunpackManifest,
    SubmissionRecord,
    ToolCallRecord,
    TriggerRecord,
)
from decision_gate.core.runpack.pack_file import Entry


def trigger_problems(entry: Entry[TriggerRecord], manifest: RunpackManifest) -> Iterator[str]:
    """Check number and owner of a trigger."""
    event = entry.record.event
    yield from _same("seq", entry.record.seq, entry.position)
    yield from _same("run_id", event.run_id, manifest.run_id)
    yield from _same("tenant_id", event.tenant_id, manifest.tenant_id)
    yield from _same("namespace_id", event.namespace_id, manifest.namespace_id)


def evidence_problem(evidence: EvidenceRecord) -> str | None:
    """Return why a piece of evidence has not the hash of its value, none when it has."""
    if evidence.result.value is None:
        return None
    try:
        expected = sha256_hex(evidence_bytes(evidence.result.value))
    except EvidenceTooLargeError as error:
        return f"condition {evidence.condition_id}: {error}"
    if evidence.result.evidence_hash is None or evidence.result.evidence_hash.value != expected:
        return f"evidence hash mismatch for condition {evidence.condition_id}"
    return None


def decision_problems(entry: Entry[DecisionRecord]) -> Iterator[str]:
    """Check number and name of a decision."""
    yield from _same("seq", entry.record.seq, entry.position)
    yield from _same("decision_id", entry.record.decision_id, f"decision-{entry.position}")


def packet_problems(entry: Entry[PacketRecord], manifest: RunpackManifest) -> Iterator[str]:
    """Check owner and content hash of a packet."""
    envelope = entry.record.envelope
    yield from _same("run_id", envelope.run_id, manifest.run_id)
    yield from _same("scenario_id", envelope.scenario_id, manifest.scenario_id)
    yield from _content(entry.record.payload, envelope.content_hash)


def submission_problems(entry: Entry[SubmissionRecord], manifest: RunpackManifest) -> Iterator[str]:
    """Check owner and content hash of a submission."""
    yield from _same("run_id", entry.record.run_id, manifest.run_id)
    yield from _content(entry.record.payload, entry.record.content_hash)


def tool_call_problems(entry: Entry[ToolCallRecord]) -> Iterator[str]:
    """Check the name of a call, and that a failed one answered with its error (contract §6.9)."""
    call = entry.record
    yield from _same("call_id", call.call_id, f"call-{entry.position}")
    if call.error is not None and call.response_hash != hash_record(call.error):
        yield "response hash mismatch"


def _same(field: str, found: str | int, expected: str | int) -> Iterator[str]:
    if found != expected:
        yield f"{field} is {found}, expected {expected}"


def _content(payload: PacketPayload, recorded: HashDigest) -> Iterator[str]:
    try:
        if content_hash(payload) != recorded:
            yield "content hash mismatch"
    except PayloadTooLargeError as error:
        yield str(error)
