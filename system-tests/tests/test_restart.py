"""What was acknowledged is there after a restart, and equal calls give equal bytes whatever stands between them."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import documents
from harness.config import scripted, sqlite
from harness.story import CALLS, tell
from harness.waiting import wait_until


def root_hash(client, folder):
    exported = client.call("runpack_export", documents.export("tea", "run-1", str(folder)))
    assert exported["report"]["status"] == "pass"
    return exported["manifest"]["integrity"]["root_hash"]["value"]


@pytest.fixture
def expected(serve, client_of, tmp_path):
    """Root hash of the calls on a server in memory, without any interruption."""
    client = client_of(serve())
    tell(client.call)
    return root_hash(client, tmp_path / "expected")


def test_a_crash_after_every_call_changes_no_answer_and_no_byte(serve, client_of, tmp_path, expected):
    undisturbed = client_of(serve())
    server = serve(sqlite("gate.db"))

    for tool, arguments in CALLS:
        answer = client_of(server).call(tool, arguments)
        server.kill()
        server.start()

        assert answer == undisturbed.call(tool, arguments)

    assert root_hash(client_of(server), tmp_path / "restarted") == expected


def test_the_order_in_which_evidence_arrives_changes_no_byte(serve, client_of, tmp_path):
    conditions = [
        documents.condition("one", query={"provider_id": "quick", "check_id": "ready"}),
        documents.condition("two", query={"provider_id": "slow", "check_id": "ready"}),
    ]
    fixed = {"kind": "fixed", "stage_id": "done"}
    gates = [documents.stage("open", fixed, "one", "two"), documents.stage("done")]
    script = tmp_path / "both.json"
    answers = {"value": {"kind": "json", "value": True}, "content_type": "application/json"}
    told = {f"{name}/ready": {"result": answers} for name in ("quick", "slow")}
    script.write_text(json.dumps({"answers": {"": told}, "otherwise": ""}), encoding="utf-8")

    def played(name, delays):
        slow = scripted(script, "slow", delay_ms=delays[1])["providers"]
        quick = scripted(script, "quick", delay_ms=delays[0])["providers"]
        client = client_of(serve({"providers": slow + quick if delays[0] else quick + slow}))
        client.call("scenario_define", {"spec": documents.scenario("tea", gates, *conditions)})
        client.call("scenario_start", documents.start("tea", "run-1"))
        client.call("scenario_next", documents.step("tea", "run-1", "t-1", 1))
        return root_hash(client, tmp_path / name)

    assert played("first", (0, 40)) == played("second", (40, 0))


def test_definitions_are_there_after_a_restart(serve, client_of):
    server = serve(sqlite("gate.db"))
    defined = client_of(server).call("scenario_define", {"spec": documents.two_stages()})
    server.restart()
    client = client_of(server)

    listing = {"tenant_id": documents.TENANT, "namespace_id": documents.NAMESPACE}
    listed = client.call("scenarios_list", listing)

    assert [(entry["scenario_id"], entry["spec_hash"]) for entry in listed["items"]] == [("tea", defined["spec_hash"])]
    assert client.send("scenario_define", {"spec": documents.two_stages()}).error[3] == "scenario already defined"


def test_a_server_that_is_told_to_stop_finishes_what_it_began(serve, client_of, tmp_path):
    asked = tmp_path / "asked"
    slow = scripted(tmp_path / "script.json", "facts", delay_ms=500, asked=str(asked))
    server = serve(sqlite("gate.db"), slow)
    client = client_of(server)
    client.call("scenario_define", {"spec": documents.two_stages()})
    client.call("scenario_start", documents.start("tea", "run-1"))

    with ThreadPoolExecutor(1) as pool:
        in_flight = pool.submit(client.call, "scenario_next", documents.step("tea", "run-1", "t-1", 1))
        wait_until(asked.exists)
        status = server.stop()
        answered = in_flight.result(timeout=60)
    left_open = list(server.folder.glob("gate.db-*"))
    server.start()

    assert status == 0
    assert left_open == []
    assert answered["decision"]["outcome"]["kind"] == "advance"
    assert client_of(server).call("scenario_status", documents.status("tea", "run-1"))["current_stage_id"] == "done"
