"""What a server wrote is read, checked and proved by the command line alone, beside it and without it."""

import hashlib
import json

import pytest
from harness import worked_example
from harness.command import decision_gate
from harness.config import configuration, scripted, sqlite
from harness.rpc import Client
from harness.server import Server, running

STATE_SHA256 = "c09f840a6aed97f2402a5b5f8f129365c051b5c9b92415f5b6853646fcb49910"
RUN = ("--run-id", "run-2025-10", "--tenant-id", "42", "--namespace-id", "7")


@pytest.fixture
def served(tmp_path, plugins):
    """A folder with the worked example in ``gate.db`` and ``pack``, and the server still running."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps(worked_example.script()), encoding="utf-8")
    changes = scripted(script, *worked_example.PROVIDERS), sqlite("gate.db")
    folder = tmp_path / "server"
    server = Server(folder=folder, config=configuration(*changes), environment=plugins)
    with running(server), Client(server.port) as client:
        worked_example.play(client)
        worked_example.export(client, folder / "runpacks/pack")
        yield folder


def test_the_state_of_a_run_has_the_hash_of_the_contract(served):
    printed = decision_gate("store", "get", "--store-path", "gate.db", *RUN, folder=served)

    assert (printed.returncode, len(printed.stdout.strip().encode())) == (0, 11793)
    assert hashlib.sha256(printed.stdout.strip().encode()).hexdigest() == STATE_SHA256


def test_a_file_in_use_is_verified_beside_its_server(served):
    verified = decision_gate("store", "verify", "--store-path", "gate.db", folder=served)

    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_run_pack_is_verified_and_replayed_without_the_server(served):
    verified = decision_gate("runpack", "verify", "runpacks/pack", "--replay", "--json", folder=served)

    told = json.loads(verified.stdout)
    assert verified.returncode == 0
    assert (told["status"], told["checked_files"], told["replayed_steps"]) == ("pass", 8, 4)
    assert told["verdict"] == "intact, signer not checked"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("artifacts/decisions.json", b'"hold"', b'"fail"'),
        ("artifacts/gate_evals.json", b'"value":91}', b'"value":99}'),
        ("manifest.json", b'"tenant_id":42', b'"tenant_id":43'),
    ],
)
def test_an_altered_run_pack_is_refused(served, name, old, new):
    path = served / "runpacks/pack" / name
    path.write_bytes(path.read_bytes().replace(old, new, 1))

    verified = decision_gate("runpack", "verify", "runpacks/pack", folder=served)

    assert verified.returncode == 1


def test_the_demonstration_runs_to_its_end(tmp_path):
    shown = decision_gate("demo", folder=tmp_path)

    assert shown.returncode == 0, shown.stdout + shown.stderr
