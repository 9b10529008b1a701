"""Run packs and attestations with bytes replaced: reported or refused, never a crash, never sound (contract §8.2)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.memory import MemoryArtifacts
from decision_gate.core.model import VerificationStatus
from decision_gate.core.runpack import (
    Verifier,
    build_statement,
    check_attestation,
    inspect,
    replay,
    sign_statement,
    verify,
)
from decision_gate.core.testing import worked_example
from decision_gate.core.timestamps import UnixMillis

FILES = {f"artifacts/{path.name}": path.read_bytes() for path in sorted((worked_example.FILES / "artifacts").iterdir())}
MANIFEST = (worked_example.FILES / "manifest.json").read_bytes()
PIECES = [b"", b"null", b"{", b"}", b"[", b"]", b",", b'"', b"\\", b"\xff", b"1e999", b'{"erased":{}}', b"[]", b"\x00"]
PIECES += [b"[" * 300, b'"kind":', b"-1", b"true"]


@st.composite
def damaged(draw, content):
    """Replace a few stretches of *content*."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from([0, 1, 2, 7, 100, 100_000]))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)))
        content = content[:start] + piece + content[start + length :]
    return content


def artifacts(changes):
    made = MemoryArtifacts()
    made.files = {**FILES, **changes}
    return made


def outcome(call):
    try:
        return call()
    except DecisionGateError as error:
        assert error.code  # noqa: PT017 - any documented one
        return None


@settings(max_examples=60)
@given(st.sampled_from(sorted(FILES)).flatmap(lambda path: st.tuples(st.just(path), damaged(FILES[path]))))
def test_an_artifact_with_other_bytes_never_passes(change):
    path, content = change
    pack = artifacts({path: content})

    report = verify(MANIFEST, pack)
    outcome(lambda: replay(MANIFEST, pack))

    is_same = content == FILES[path]
    assert (report.status is VerificationStatus.PASS) == is_same
    assert bool(report.errors) != is_same


@settings(max_examples=60)
@given(damaged(MANIFEST))
def test_a_manifest_with_other_bytes_is_refused_or_fails(manifest):
    pack = artifacts({})

    report = outcome(lambda: verify(manifest, pack))
    outcome(lambda: replay(manifest, pack))

    if report is not None and report.status is VerificationStatus.PASS:
        # Only what nobody can check against anything else may differ.
        assert len(manifest) >= len(MANIFEST) - 200


class OneKey:
    """Signs by repeating the message."""

    key_id = "ab" * 32

    def sign(self, message):
        return message[::-1]

    def verify(self, key_id, message, signature):
        return key_id == self.key_id and signature == message[::-1]


@pytest.fixture(scope="module")
def inspection():
    return inspect(MANIFEST, artifacts({}))


def attestation(inspection):
    statement = build_statement(
        inspection, Verifier(id="https://example.org/v", version="1"), UnixMillis(1), has_diverged=False
    )
    return sign_statement(statement, [OneKey()])


ENVELOPE = attestation(inspect(MANIFEST, artifacts({})))


def test_the_undamaged_attestation_is_trusted(inspection):
    assert check_attestation(ENVELOPE, inspection, OneKey()).is_trusted


@given(damaged(ENVELOPE))
def test_an_attestation_with_other_bytes_is_refused_or_says_the_same(inspection, envelope):
    report = outcome(lambda: check_attestation(envelope, inspection, OneKey()))

    if report is not None and report.is_trusted:
        # Base64 and JSON leave room for spelling; what is signed is the same, or the signature would not hold.
        assert report == check_attestation(ENVELOPE, inspection, OneKey())


@given(st.binary(max_size=200))
def test_what_is_no_attestation_is_refused(inspection, envelope):
    assert outcome(lambda: check_attestation(envelope, inspection, OneKey())) is None
