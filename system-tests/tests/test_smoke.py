"""The main job of a server, once through, by its wire."""

import pytest
from harness import documents
from harness.config import sqlite

TOOLS_OF_A_RUN = [
    "scenario_define",
    "scenario_start",
    "scenario_status",
    "scenario_next",
    "scenario_submit",
    "scenario_trigger",
    "runpack_export",
    "runpack_verify",
    "scenarios_list",
]


@pytest.mark.parametrize("store", [{}, sqlite("gate.db")], ids=["memory", "sqlite"])
def test_a_run_holds_passes_completes_and_is_proved(serve, client_of, tmp_path, store):
    client = client_of(serve(store))

    client.call("scenario_define", {"spec": documents.two_stages()})
    started = client.call("scenario_start", documents.start("tea", "run-1"))
    held = client.call("scenario_next", documents.step("tea", "run-1", "too-early", 1))
    unknown = client.call("scenario_next", documents.step("tea", "run-1", "in-the-dark", 2))
    passed = client.call("scenario_next", documents.step("tea", "run-1", "t-3", 3))
    again = client.call("scenario_next", documents.step("tea", "run-1", "t-3", 9))
    done = client.call("scenario_trigger", documents.tick("tea", "run-1", "t-4", 4))
    status = client.call("scenario_status", documents.status("tea", "run-1"))
    exported = client.call("runpack_export", documents.export("tea", "run-1", str(tmp_path / "pack")))
    verified = client.call("runpack_verify", {"runpack_dir": str(tmp_path / "pack"), "manifest_path": "manifest.json"})

    assert (started["status"], started["current_stage_id"]) == ("active", "open")
    outcomes = [answer["decision"]["outcome"]["kind"] for answer in (held, unknown, passed, again, done)]
    assert outcomes == ["hold", "hold", "advance", "advance", "complete"]
    assert again["decision"] == passed["decision"]
    assert (status["status"], status["current_stage_id"]) == ("completed", "done")
    assert exported["report"]["status"] == "pass"
    assert verified["status"] == "pass"


def test_the_tools_of_a_run_are_listed_in_the_order_of_the_wire(serve, client_of):
    listed = client_of(serve()).request("tools/list").json["result"]["tools"]

    assert [tool["name"] for tool in listed if tool["name"] in TOOLS_OF_A_RUN] == TOOLS_OF_A_RUN
    assert all(set(tool) == {"name", "description", "input_schema"} for tool in listed)


def test_health_is_told_without_asking_who_asks(serve, client_of):
    client = client_of(serve(sqlite("gate.db"), {"server": {"auth": {"mode": "bearer_token", "bearer_tokens": ["x"]}}}))

    live, ready = client.get("/healthz"), client.get("/readyz")

    assert (live.status, live.json) == (200, {"status": "ok"})
    assert (ready.status, ready.json) == (200, {"status": "ready"})
    assert "x-server-correlation-id" not in live.headers


def test_other_paths_and_methods_are_not_there(serve, client_of):
    client = client_of(serve())

    assert [client.get(path).status for path in ("/", "/nothing", "/rpc")] == [404, 404, 405]


@pytest.mark.parametrize("sent", [7, "abc", None, [1, {"a": None}], {"x": 1.5}, -1.5e300])
def test_the_id_of_a_request_comes_back_as_it_was_sent(client_of, server, sent):
    answer = client_of(server).post(documents.envelope("tools/list", None, id=sent))

    assert answer.status == 200
    assert answer.json["id"] == sent


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()
