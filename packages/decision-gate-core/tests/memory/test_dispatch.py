"""The receipts of the server's own dispatcher (contract §6.7)."""

import hashlib

from decision_gate.core.codec import canonical_record
from decision_gate.core.memory import PermitAll, ReceiptDispatcher
from decision_gate.core.model import (
    AgentTarget,
    DispatchReceipt,
    HashDigest,
    JsonPayload,
    PacketEnvelope,
    VisibilityPolicy,
)
from decision_gate.core.timestamps import UnixMillis

TARGET = AgentTarget(agent_id="agent-1")
PAYLOAD = JsonPayload(value={"go": True})
ENVELOPE = PacketEnvelope(
    scenario_id="release",
    run_id="run-1",
    stage_id="deploy",
    packet_id="packet-1",
    schema_id="schema-1",
    content_type="application/json",
    content_hash=HashDigest.of("00" * 32),
    visibility=VisibilityPolicy(labels=("public",), policy_tags=()),
    issued_at=UnixMillis(1_760_000_000_000),
)


def test_a_receipt_names_the_packet_and_hashes_its_envelope():
    receipt = ReceiptDispatcher().dispatch(TARGET, ENVELOPE, PAYLOAD, idempotency_key="key")

    assert receipt == DispatchReceipt(
        dispatch_id="mcp-packet-1",
        target=TARGET,
        receipt_hash=HashDigest.of(hashlib.sha256(canonical_record(ENVELOPE)).hexdigest()),
        dispatched_at=ENVELOPE.issued_at,
        dispatcher="mcp",
    )


def test_delivering_nothing_has_no_effects():
    assert ReceiptDispatcher().has_effects is False


def test_permit_all_permits():
    assert PermitAll().permits(TARGET, ENVELOPE, PAYLOAD) is True
