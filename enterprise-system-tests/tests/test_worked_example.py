"""The worked example of contract §15 through ``POST /rpc``, on each engine, bare and with every plug-in."""

import json

import pytest
from deployment import administration
from harness import worked_example
from harness.config import scripted

ROOT_HASH = "433d57085099aa9215f0bd9e0353010e8e1db6553361181f89d543bc7ed2684e"


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "example.json"
    path.write_text(json.dumps(worked_example.script()), encoding="utf-8")
    return path


@pytest.mark.parametrize("has_plugins", [False, True], ids=["bare", "plugged"])
def test_plug_ins_change_no_answer_and_no_byte_of_the_worked_example(
    serve, client_of, database, script, tmp_path, has_plugins
):
    tables = database.plugged() if has_plugins else database.stores()
    client = client_of(serve(scripted(script, *worked_example.PROVIDERS), tables))

    answers = worked_example.play(client)
    exported = worked_example.export(client, tmp_path / "pack")

    assert worked_example.differences(answers, tmp_path / "pack") == []
    assert exported["manifest"]["integrity"]["root_hash"]["value"] == ROOT_HASH


def test_the_worked_example_is_billed_and_audited_call_by_call(serve, client_of, database, script, tmp_path):
    client = client_of(serve(scripted(script, *worked_example.PROVIDERS), database.plugged()))

    worked_example.play(client)
    worked_example.export(client, tmp_path / "pack")

    used = administration.usage(database).used
    refused = 1  # the second submission under one id: recorded and audited, not billed
    assert used["tool_calls"] == len(
        ["define", "start", "tick", "submit", "next", "again", "event", "status", "export"]
    )
    assert (used["runs_started"], used["evidence_queries"], used["runpack_exports"]) == (1, 8, 1)
    events = [event["event"] for event in administration.audited(database)]
    assert events == ["scenario_defined", *["run_commit"] * (7 + refused), "runpack_exported"]
