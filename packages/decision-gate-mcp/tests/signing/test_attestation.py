"""Attestations of run packs under real keys: ours check them, and so do other people's tools."""

import base64
import json
import re
import shlex
import stat
import subprocess
from pathlib import Path

import attrs
import pytest
import securesystemslib.exceptions
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from decision_gate.core.memory import MemoryArtifacts
from decision_gate.core.runpack import (
    ATTESTATION_NAME,
    InvalidAttestationError,
    Verifier,
    build_statement,
    check_attestation,
    inspect,
    sign_statement,
)
from decision_gate.core.testing.worked_example import FILES
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.main import run
from decision_gate.mcp.signing import KeyFileError, KeyFileSigner, PinnedKeys, new_key

ROOT = Path(__file__).parents[4]
VERIFIER = Verifier(id="https://gate.example.org", version="0.1.0")


def example():
    artifacts = MemoryArtifacts()
    for path in (FILES / "artifacts").iterdir():
        artifacts.files[f"artifacts/{path.name}"] = path.read_bytes()
    return artifacts


def inspected(artifacts=None, manifest=None):
    return inspect(manifest or (FILES / "manifest.json").read_bytes(), artifacts or example())


@pytest.fixture
def key(tmp_path):
    return new_key(tmp_path / "release.pem")


@pytest.fixture
def signed(key):
    statement = build_statement(inspected(), VERIFIER, UnixMillis(1760000009001))
    return sign_statement(statement, [KeyFileSigner.load(key.private_path)])


@pytest.fixture
def pinned(key):
    return PinnedKeys.load([key.public_path])


def test_the_statement_is_a_verification_summary_of_manifest_and_artifacts(signed):
    statement = json.loads(base64.b64decode(json.loads(signed)["payload"]))

    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/verification_summary/v1"
    assert [each["name"] for each in statement["subject"]] == [
        "manifest.json",
        *sorted(f"artifacts/{path.name}" for path in (FILES / "artifacts").iterdir()),
    ]
    predicate = statement["predicate"]
    inputs = predicate.pop("inputAttestations")
    assert predicate == {
        "verifier": {"id": "https://gate.example.org", "version": {"decision-gate": "0.1.0"}},
        "timeVerified": "2025-10-09T08:53:29.001Z",
        "resourceUri": "dg://42/7/run/run-2025-10",
        "policy": {
            "uri": "dg://42/7/scenario/harbor-release",
            "digest": {"sha256": "45825e20137d7abce5047a33e396a87264d144289718968f4f0e965feb4c59b7"},
        },
        "verificationResult": "PASSED",
        "verifiedLevels": ["DECISION_GATE_PASSED"],
        "slsaVersion": "1.2",
    }
    evidence = {
        record["result"]["evidence_hash"]["value"]
        for gate_eval in json.loads((FILES / "artifacts/gate_evals.json").read_bytes())
        for record in gate_eval["evidence"]
        if record["result"]["evidence_hash"] is not None
    }
    assert inputs[0]["uri"] == "dg://42/7/run/run-2025-10/artifacts/gate_evals.json"
    assert {each["digest"]["sha256"] for each in inputs[1:]} == evidence


def test_a_pinned_key_vouches_for_the_pack(signed, pinned, key):
    report = check_attestation(signed, inspected(), pinned)

    assert (report.problems, report.key_id, report.result) == ((), key.key_id, "PASSED")
    assert report.is_passed


def test_without_a_pinned_key_nothing_passes(signed):
    report = check_attestation(signed, inspected(), None)

    assert report.problems == ()
    assert report.key_id is None
    assert not report.is_trusted
    assert not report.is_passed


def test_another_key_is_no_signer(signed, tmp_path):
    other = new_key(tmp_path / "other.pem")

    report = check_attestation(signed, inspected(), PinnedKeys.load([other.public_path]))

    assert report.problems == ("no signature of a pinned key",)
    assert not report.is_trusted


def test_a_signature_under_the_name_of_a_pinned_key_is_still_checked(signed, pinned, tmp_path):
    other = KeyFileSigner.load(new_key(tmp_path / "other.pem").private_path)
    envelope = json.loads(signed)
    forged = json.loads(sign_statement(base64.b64decode(envelope["payload"]), [other]))
    envelope["signatures"][0]["sig"] = forged["signatures"][0]["sig"]

    report = check_attestation(json.dumps(envelope).encode(), inspected(), pinned)

    assert report.problems == ("no signature of a pinned key",)


@pytest.mark.parametrize("field", ["generated_at", "security"])
def test_what_only_the_manifest_says_is_bound_by_the_attestation(signed, pinned, field):
    manifest = (FILES / "manifest.json").read_bytes()
    altered = {
        "generated_at": manifest.replace(b"1760000009000", b"1760000009999"),
        "security": manifest.replace(b'"dev_permissive":false', b'"dev_permissive":true'),
    }[field]
    inspection = inspected(manifest=altered)

    report = check_attestation(signed, inspection, pinned)

    assert inspection.report.errors == ()
    assert report.problems == ("statement speaks of other files",)


def test_a_pack_with_another_file_is_not_the_one_that_was_signed(signed, pinned):
    artifacts = example()
    artifacts.files["artifacts/packets.json"] = b"[]"

    report = check_attestation(signed, inspected(artifacts), pinned)

    assert "statement speaks of other files" in report.problems
    assert "statement says that the pack passed, which it does not" in report.problems


def test_a_run_that_did_not_complete_is_signed_as_failed():
    inspection = attrs.evolve(inspected(), status=None)

    statement = json.loads(build_statement(inspection, VERIFIER, UnixMillis(0)))

    assert statement["predicate"]["verificationResult"] == "FAILED"
    assert statement["predicate"]["verifiedLevels"] == []


def test_a_replay_that_diverged_is_signed_as_failed():
    statement = json.loads(build_statement(inspected(), VERIFIER, UnixMillis(0), has_diverged=True))

    assert statement["predicate"]["verificationResult"] == "FAILED"


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"{}",
        b'{"payload":"!","payloadType":"application/vnd.in-toto+json","signatures":[]}',
        b'{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[]}',
        b'{"payload":"W10=","payloadType":"application/vnd.in-toto+json","signatures":[]}',
        b'{"payload":"e30=","payloadType":"text/plain","signatures":[]}',
        b'{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{}]}',
    ],
)
def test_what_is_no_attestation_is_refused(stored):
    with pytest.raises(InvalidAttestationError):
        check_attestation(stored, inspected(), None)


def test_securesystemslib_accepts_the_envelope_and_refuses_an_altered_one(signed, key):
    public = load_pem_public_key(key.public_path.read_bytes())
    foreign = SSlibKey.from_crypto(public, keyid=key.key_id)

    assert Envelope.from_dict(json.loads(signed)).verify([foreign], 1) == {key.key_id: foreign}

    altered = json.loads(signed)
    altered["payload"] = base64.b64encode(base64.b64decode(altered["payload"]) + b" ").decode()
    with pytest.raises(securesystemslib.exceptions.VerificationError):
        Envelope.from_dict(altered).verify([foreign], 1)


@pytest.fixture
def pack_folder(tmp_path, signed):
    pack = tmp_path / "pack"
    (pack / "artifacts").mkdir(parents=True)
    for path in (FILES / "artifacts").iterdir():
        (pack / "artifacts" / path.name).write_bytes(path.read_bytes())
    (pack / "manifest.json").write_bytes((FILES / "manifest.json").read_bytes())
    (pack / ATTESTATION_NAME).write_bytes(signed)
    return pack


def documented(language):
    """Return the block of a language that the documentation shows."""
    page = (ROOT / "docs/how-to/verify-a-run-pack.md").read_text(encoding="utf-8")
    return re.search(rf"```{language}\n(.*?)```", page, re.DOTALL).group(1)


@pytest.fixture
def script(tmp_path):
    """The script that the documentation shows."""
    path = tmp_path / "verify-run-pack.sh"
    path.write_text(documented("sh"), encoding="utf-8")
    return path


def test_the_documented_commands_verify_the_pack_and_refuse_another_key(
    pack_folder, key, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    pack_folder.rename("proof")
    plain, pinned = [shlex.split(line)[2:] for line in documented("console").splitlines()]

    assert run(plain) == 0
    assert "intact, signer not checked" in capsys.readouterr().out
    assert run(pinned) == 0
    assert capsys.readouterr().out.startswith("PASS\n")

    key.public_path.write_bytes(new_key(tmp_path / "other.pem").public_path.read_bytes())
    assert run(pinned) == 1


def run_script(script, pack, public_path):
    return subprocess.run(
        ["sh", script, pack, public_path], capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )


@pytest.mark.services
def test_the_documented_script_verifies_the_pack_with_openssl_and_jq(script, pack_folder, key):
    done = run_script(script, pack_folder, key.public_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "Verified OK\nPASSED dg://42/7/run/run-2025-10 by https://gate.example.org\n"


@pytest.mark.services
@pytest.mark.parametrize("alteration", ["artifact", "manifest", "extra", "missing", "key", "payload"])
def test_the_documented_script_refuses_an_altered_pack(script, pack_folder, key, tmp_path, alteration):
    public_path = key.public_path
    match alteration:
        case "artifact":
            (pack_folder / "artifacts/packets.json").write_bytes(b"[]")
        case "manifest":
            (pack_folder / "manifest.json").write_bytes(b"{}")
        case "extra":
            (pack_folder / "artifacts/more.json").write_bytes(b"[]")
        case "missing":
            (pack_folder / "artifacts/packets.json").unlink()
        case "key":
            public_path = new_key(tmp_path / "other.pem").public_path
        case "payload":
            envelope = json.loads((pack_folder / ATTESTATION_NAME).read_bytes())
            body = base64.b64decode(envelope["payload"]).replace(b"gate.example.org", b"gate.example.com")
            envelope["payload"] = base64.b64encode(body).decode()
            (pack_folder / ATTESTATION_NAME).write_bytes(json.dumps(envelope).encode())

    assert run_script(script, pack_folder, public_path).returncode != 0


def test_a_new_key_is_readable_by_its_owner_only_and_never_replaced(key):
    assert stat.S_IMODE(key.private_path.stat().st_mode) == 0o600
    assert key.public_path.name == "release.pub.pem"
    before = key.private_path.read_bytes()

    for path in (key.private_path, key.private_path.with_name("release")):
        with pytest.raises(KeyFileError, match="exists"):
            new_key(path)

    assert key.private_path.read_bytes() == before


def test_files_that_hold_no_p256_key_are_refused(tmp_path, key):
    for name, other in (
        ("p384", ec.generate_private_key(ec.SECP384R1())),
        ("ed", ed25519.Ed25519PrivateKey.generate()),
    ):
        (tmp_path / name).write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        with pytest.raises(KeyFileError, match="another kind"):
            KeyFileSigner.load(tmp_path / name)

    with pytest.raises(KeyFileError, match="no private key"):
        KeyFileSigner.load(key.public_path)
    with pytest.raises(KeyFileError, match="no public key"):
        PinnedKeys.load([key.private_path])
    with pytest.raises(KeyFileError, match="No such file"):
        KeyFileSigner.load(tmp_path / "absent")
