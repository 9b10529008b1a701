"""Records as wire values: lists, omitted fields, hashes (contract §1.6, §7)."""

import hashlib

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
