"""Statements and envelopes without any cryptography: a signer is whatever the host brings."""

import base64
import json

import attrs
import pytest

from decision_gate.core.json import canonical
from decision_gate.core.model import RunStatus
from decision_gate.core.runpack import (
    SIGNER_NOT_CHECKED,
    InvalidAttestationError,
    Verifier,
    build_statement,
    check_attestation,
    inspect,
    pae,
    run_uri,
    sign_statement,
)
from decision_gate.core.runpack.sign import MAX_ENVELOPE_BYTES, Envelope, Signature, read_envelope
from decision_gate.core.timestamps import UnixMillis

VERIFIER = Verifier(id="https://gate.example.org", version="0.1.0")


class Reversing:
    """A signer whose signature is the message backwards."""

    key_id = "reversing"

    def sign(self, message):
        return message[::-1]

    def verify(self, key_id, message, signature):
        return key_id == self.key_id and signature == message[::-1]


def signed(inspection):
    return sign_statement(build_statement(inspection, VERIFIER, UnixMillis(0)), [Reversing()])


def test_the_signed_bytes_are_those_of_the_dsse_protocol():
    """The example of the DSSE specification."""
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_one_pinned_signer_among_several_is_enough(pack):
    inspection = inspect(pack.manifest, pack.artifacts)
    statement = build_statement(inspection, VERIFIER, UnixMillis(0))

    class Other(Reversing):
        key_id = "other"

    report = check_attestation(sign_statement(statement, [Other(), Reversing()]), inspection, Reversing())

    assert (report.problems, report.key_id, report.is_trusted) == ((), "reversing", True)


def test_an_unsigned_statement_is_not_trusted_though_it_fits(pack):
    inspection = inspect(pack.manifest, pack.artifacts)
    unsigned = sign_statement(build_statement(inspection, VERIFIER, UnixMillis(0)), [])

    assert check_attestation(unsigned, inspection, Reversing()).problems == ("no signature of a pinned key",)
    assert not check_attestation(unsigned, inspection, None).is_trusted
    assert SIGNER_NOT_CHECKED == "intact, signer not checked"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (("predicate", "resourceUri"), "statement speaks of another run"),
        (("predicate", "policy", "uri"), "statement speaks of another scenario"),
        (("predicate", "policy", "digest", "sha256"), "statement speaks of another scenario"),
        (("predicate", "verificationResult"), "statement has no verification result"),
        (("predicateType",), "statement is of another type"),
        (("_type",), "statement is of another type"),
        (("subject", 0, "digest", "sha256"), "statement speaks of other files"),
        (("subject", 2, "name"), "statement speaks of other files"),
        (("subject", 3, "digest", "sha256"), "statement speaks of other files"),
    ],
)
def test_a_signed_statement_about_something_else_is_told(worked, path, problem):
    inspection = inspect(worked.manifest, worked.artifacts)
    statement = json.loads(build_statement(inspection, VERIFIER, UnixMillis(0)))
    place = statement
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = "x"

    report = check_attestation(sign_statement(json.dumps(statement).encode(), [Reversing()]), inspection, Reversing())

    assert report.problems == (problem,)


def test_an_envelope_with_a_subject_too_few_is_told(worked):
    inspection = inspect(worked.manifest, worked.artifacts)
    fewer = attrs.evolve(inspection, files=dict(list(inspection.files.items())[1:]))

    assert check_attestation(signed(fewer), inspection, Reversing()).problems == ("statement speaks of other files",)


def test_a_manifest_may_have_another_name_and_a_subject_may_not_be_named_twice(worked):
    inspection = inspect(worked.manifest, worked.artifacts)
    statement = build_statement(inspection, VERIFIER, UnixMillis(0), manifest_name="runpack.json")

    assert json.loads(statement)["subject"][0]["name"] == "runpack.json"
    assert check_attestation(sign_statement(statement, [Reversing()]), inspection, Reversing()).is_passed
    repeated = json.loads(statement)
    repeated["subject"][2] = repeated["subject"][1]
    stored = sign_statement(json.dumps(repeated).encode(), [Reversing()])
    assert check_attestation(stored, inspection, Reversing()).problems == ("statement speaks of other files",)


def test_names_of_runs_are_percent_encoded(worked):
    manifest = attrs.evolve(inspect(worked.manifest, worked.artifacts).manifest, run_id="refs/heads/ä b")

    assert run_uri(manifest) == "dg://42/7/run/refs%2Fheads%2F%C3%A4%20b"


def test_a_time_without_date_is_refused(worked):
    with pytest.raises(InvalidAttestationError):
        build_statement(inspect(worked.manifest, worked.artifacts), VERIFIER, UnixMillis(2**62))


def test_duplicate_members_in_an_envelope_are_refused(worked):
    inspection = inspect(worked.manifest, worked.artifacts)
    stored = signed(inspection)
    body = json.loads(base64.b64decode(json.loads(stored)["payload"]))

    assert body["predicate"]["verificationResult"] == "PASSED"
    with pytest.raises(InvalidAttestationError):
        check_attestation(stored[:-1] + b',"payload":"e30="}', inspection, None)


SUMMARY = {"payload": "e30=", "payloadType": "application/vnd.in-toto+json", "signatures": []}


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        pytest.param(b"x" * (MAX_ENVELOPE_BYTES + 1), "envelope of 16777217 bytes (max 16777216)", id="too large"),
        pytest.param(b"x", "envelope is not JSON", id="no json"),
        pytest.param(b"[]", "not a DSSE envelope", id="an array"),
        pytest.param(canonical(SUMMARY | {"signatures": {}}), "not a DSSE envelope", id="signatures no array"),
        pytest.param(canonical(SUMMARY | {"payload": "e30"}), "not base64", id="unpadded payload"),
        pytest.param(canonical(SUMMARY | {"payload": "e3 0="}), "not base64", id="space in payload"),
        pytest.param(canonical(SUMMARY | {"payload": "ä"}), "not base64", id="payload not ascii"),
        pytest.param(
            canonical(SUMMARY | {"signatures": [{"keyid": "k"}]}),
            "a signature is not one",
            id="signature without value",
        ),
        pytest.param(
            canonical(SUMMARY | {"signatures": [{"keyid": "k", "sig": "x"}]}), "not base64", id="signature no base64"
        ),
        pytest.param(
            canonical(SUMMARY | {"payloadType": "application/json"}),
            "envelope holds no in-toto statement",
            id="other payload type",
        ),
        pytest.param(canonical(SUMMARY), "statement is not a verification summary", id="empty statement"),
        pytest.param(
            canonical(SUMMARY | {"payload": "eA=="}), "statement is not a verification summary", id="statement no json"
        ),
        pytest.param(
            canonical(SUMMARY | {"payload": "W10="}), "statement is not a verification summary", id="statement an array"
        ),
    ],
)
def test_what_is_no_envelope_with_a_summary_is_refused_with_the_reason(worked, stored, reason):
    with pytest.raises(InvalidAttestationError) as refusal:
        check_attestation(stored, inspect(worked.manifest, worked.artifacts), None)

    assert (refusal.value.code, refusal.value.reason) == ("invalid_attestation", reason)
    assert str(refusal.value) == f"invalid attestation: {reason}"


def test_an_envelope_may_be_as_large_as_the_limit():
    stored = canonical(SUMMARY | {"signatures": [{"keyid": "k", "sig": "YQ=="}]})

    assert read_envelope(stored.ljust(MAX_ENVELOPE_BYTES)) == Envelope(
        payload_type="application/vnd.in-toto+json", payload=b"{}", signatures=(Signature(key_id="k", value=b"a"),)
    )


def test_an_envelope_file_holds_the_statement_and_a_signature_of_each_signer():
    message = b"DSSEv1 28 application/vnd.in-toto+json 2 {}"

    assert sign_statement(b"{}", [Reversing()]) == canonical(
        SUMMARY | {"signatures": [{"keyid": "reversing", "sig": base64.b64encode(message[::-1]).decode()}]}
    )


def test_a_statement_that_a_failed_run_passed_is_trusted_by_nobody(worked):
    inspection = inspect(worked.manifest, worked.artifacts)
    failed = attrs.evolve(inspection, status=RunStatus.FAILED)

    boasting = check_attestation(signed(inspection), failed, Reversing())
    honest = check_attestation(signed(failed), failed, Reversing())

    assert boasting.problems == ("statement says that the pack passed, which it does not",)
    assert (boasting.result, boasting.is_trusted, boasting.is_passed) == ("PASSED", False, False)
    assert (honest.problems, honest.result, honest.is_trusted, honest.is_passed) == ((), "FAILED", True, False)


def test_a_result_that_is_neither_is_reported_as_none(worked):
    inspection = inspect(worked.manifest, worked.artifacts)
    statement = json.loads(build_statement(inspection, VERIFIER, UnixMillis(0)))
    statement["predicate"]["verificationResult"] = "MAYBE"

    report = check_attestation(sign_statement(canonical(statement), [Reversing()]), inspection, Reversing())

    assert (report.problems, report.result) == (("statement has no verification result",), None)
