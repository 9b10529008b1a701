"""Records as wire values: lists, omitted fields, hashes (contract §1.6, §7)."""

import hashlib

import pytest

from decision_gate.core import model
from decision_gate.core.codec import canonical_record, encode, hash_record
from decision_gate.core.model import AnchorRequirement, EvidenceQuery, HashAlgorithm, HashDigest


def test_a_tuple_of_texts_is_a_list_on_the_wire():
    wire = encode(AnchorRequirement(anchor_type="file", required_fields=("path", "line")))

    assert wire == {"anchor_type": "file", "required_fields": ["path", "line"]}
    assert type(wire["required_fields"]) is list


def test_the_hash_of_a_record_is_that_of_its_canonical_bytes():
    query = EvidenceQuery(provider_id="p", check_id="c")

    digest = hash_record(query)

    assert canonical_record(query) == b'{"check_id":"c","provider_id":"p"}'
    assert digest == HashDigest(
        algorithm=HashAlgorithm.SHA256, value=hashlib.sha256(b'{"check_id":"c","provider_id":"p"}').hexdigest()
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "ArtifactKind",
            (
                "scenario_spec trigger_log gate_eval_log decision_log packet_log dispatch_log evidence_log "
                "submission_log tool_transcript verifier_report custom"
            ),
        ),
        ("GateOutcome", "true false unknown"),
        ("HashAlgorithm", "sha256"),
        ("RunStatus", "active completed failed"),
        ("TimeoutPolicy", "fail advance_with_flag alternate_branch"),
        ("TriggerKind", "agent_request_next tick external_event backend_event"),
        ("TrustLane", "verified asserted"),
        ("VerificationStatus", "pass fail"),
        ("VerifierMode", "offline_strict offline_with_fetch"),
    ],
)
def test_the_words_of_an_enumeration_are_those_of_the_wire(name, words):
    """Contract §3."""
    assert [member.value for member in getattr(model, name)] == words.split()
