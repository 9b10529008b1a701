"""The worked example of contract §15 through ``POST /rpc`` of an installed server, byte for byte."""

import hashlib
import json

import pytest
from harness import worked_example
from harness.config import configuration, scripted, sqlite
from harness.rpc import Client
from harness.server import Server, running

ROOT_HASH = "433d57085099aa9215f0bd9e0353010e8e1db6553361181f89d543bc7ed2684e"
MANIFEST_SHA256 = "57351b7033207ed7e80e522618c996ad07d32101a8ca12b75e244d62d0fce40c"
SPEC_HASH = "45825e20137d7abce5047a33e396a87264d144289718968f4f0e965feb4c59b7"


@pytest.fixture(params=["memory", "sqlite"])
def server(request, tmp_path, plugins):
    script = tmp_path / "script.json"
    script.write_text(json.dumps(worked_example.script()), encoding="utf-8")
    store = sqlite("gate.db") if request.param == "sqlite" else {}
    config = configuration(scripted(script, *worked_example.PROVIDERS), store, {"runpacks": {"roots": [str(tmp_path)]}})
    with running(Server(folder=tmp_path / "server", config=config, environment=plugins)) as started:
        yield started


def test_the_worked_example_gives_exactly_the_answers_and_bytes_of_the_contract(server, tmp_path):
    with Client(server.port) as client:
        answers = worked_example.play(client)
        exported = worked_example.export(client, tmp_path / "pack")

    assert worked_example.differences(answers, tmp_path / "pack") == []
    assert hashlib.sha256((tmp_path / "pack/manifest.json").read_bytes()).hexdigest() == MANIFEST_SHA256
    assert exported["manifest"]["integrity"]["root_hash"]["value"] == ROOT_HASH
    assert exported["manifest"]["spec_hash"]["value"] == SPEC_HASH
    assert exported["report"] == {"status": "pass", "checked_files": 7, "errors": []}


def test_the_run_pack_on_the_disk_is_verified_by_the_same_server(server, tmp_path):
    with Client(server.port) as client:
        worked_example.play(client)
        worked_example.export(client, tmp_path / "pack")

        verified = client.call(
            "runpack_verify", {"runpack_dir": str(tmp_path / "pack"), "manifest_path": "manifest.json"}
        )

    assert verified == {"status": "pass", "report": {"status": "pass", "checked_files": 8, "errors": []}}
