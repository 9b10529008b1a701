"""Evidence that must be signed: each check of contract §7.7 in its order, and the keys that count."""

import base64

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from decision_gate.core.codec import canonical_record
from decision_gate.core.engine import hashed
from decision_gate.core.errors import ConfigurationError
from decision_gate.core.model import (
    EvidenceContext,
    EvidenceQuery,
    EvidenceResult,
    EvidenceSignature,
    HashDigest,
    JsonEvidence,
)
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.signed_provider import SignedProvider, evidence_keys, has_small_order

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
QUERY = EvidenceQuery(provider_id="ext", check_id="v")
CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(7),
)
PLAIN = EvidenceResult(value=JsonEvidence(value={"b": 1, "a": 2}))
SIGNATURE = EvidenceSignature(
    scheme="ed25519", key_id="k", signature=KEY.sign(canonical_record(hashed(PLAIN).evidence_hash))
)
SIGNED = attrs.evolve(PLAIN, signature=SIGNATURE)


@attrs.frozen
class Answering:
    """A provider with one answer."""

    result: EvidenceResult

    def query(self, query, context):  # noqa: ARG002 - of the port
        return self.result


def asked(result):
    return SignedProvider(provider=Answering(result), keys={"k": KEY.public_key()}).query(QUERY, CONTEXT)


@pytest.mark.parametrize("result", [SIGNED, hashed(SIGNED)])
def test_signed_evidence_is_taken_with_and_without_a_hash_of_the_provider(result):
    assert asked(result) == result


POINTS_OF_SMALL_ORDER = [
    bytes(32),
    bytes([1]).ljust(32, b"\0"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes([0xEC]).ljust(31, b"\xff") + b"\x7f",
    bytes([0xED]).ljust(31, b"\xff") + b"\x7f",
    bytes([0xEE]).ljust(31, b"\xff") + b"\x7f",
]
IDENTITY = POINTS_OF_SMALL_ORDER[1]


def test_a_key_under_which_anybody_can_sign_counts_for_nothing():
    key = Ed25519PublicKey.from_public_bytes(IDENTITY)
    forged = signed_with(signature=IDENTITY + bytes(32))
    key.verify(IDENTITY + bytes(32), b"any message at all")

    with pytest.raises(EvidenceProviderFailureError) as refused:
        SignedProvider(provider=Answering(forged), keys={"k": key}).query(QUERY, CONTEXT)

    assert str(refused.value) == "evidence provider error: signature verification failed"


@pytest.mark.parametrize("point", POINTS_OF_SMALL_ORDER)
@pytest.mark.parametrize("sign", [0, 0x80])
def test_points_of_small_order_are_known_in_every_spelling(point, sign):
    assert has_small_order(bytes([*point[:31], point[31] | sign]))
    assert not has_small_order(bytes([point[0] ^ 4, *point[1:]]))


def signed_with(**changes):
    return attrs.evolve(SIGNED, signature=attrs.evolve(SIGNATURE, **changes))


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (PLAIN, "missing evidence signature"),
        (EvidenceResult(), "missing evidence signature"),
        (signed_with(scheme="rsa", key_id="other"), "unsupported signature scheme"),
        (signed_with(key_id="./k"), "signature key not authorized"),
        (attrs.evolve(SIGNED, value=None), "missing evidence hash for signature verification"),
        (attrs.evolve(SIGNED, evidence_hash=HashDigest(value="00" * 32)), "evidence hash mismatch"),
        (signed_with(signature=SIGNATURE.signature[:-1]), "invalid signature bytes"),
        (signed_with(signature=bytes(64)), "signature verification failed"),
        (attrs.evolve(SIGNED, value=JsonEvidence(value={"b": 1, "a": 3})), "signature verification failed"),
    ],
)
def test_evidence_that_is_not_signed_as_it_must_be_is_a_failure_of_its_provider(result, message):
    with pytest.raises(EvidenceProviderFailureError) as failure:
        asked(result)

    assert failure.value.message == message


def test_a_key_file_holds_raw_bytes_or_base64_and_is_named_by_the_text_of_its_path(tmp_path):
    raw, text = tmp_path / "raw", tmp_path / "text"
    raw.write_bytes(KEY.public_key().public_bytes_raw())
    text.write_bytes(base64.b64encode(KEY.public_key().public_bytes_raw()) + b"\n")

    keys = evidence_keys([str(raw), str(text)])

    assert {name: key.public_bytes_raw() for name, key in keys.items()} == {
        str(raw): KEY.public_key().public_bytes_raw(),
        str(text): KEY.public_key().public_bytes_raw(),
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "unable to read public key"),
        (b"\xff\xfe", "public key must be utf-8"),
        (b"no base64!", "invalid base64 public key"),
        (b"AAAA", "invalid ed25519 public key"),
    ],
)
def test_a_key_that_cannot_be_had_stops_the_start(tmp_path, content, reason):
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigurationError) as failure:
        evidence_keys([str(path)])

    assert failure.value.code == "evidence_key"
    assert str(failure.value) == f"init error: evidence provider error: {reason}: {path}"
