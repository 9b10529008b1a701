"""What MCP tells of tools and answers to calls (deviations S8, X14, X15, W5)."""

import httpx
import jsonschema_rs
import pytest

from decision_gate.core.json import parse
from decision_gate.core.ports import ProviderFailure
from decision_gate.mcp.evidence.circuit import Circuit
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing.calls import SPEC_HASH, ask, at, define, export, listing, start, status, submit, trigger
from decision_gate.mcp.testing.mcp_http import HTTP_SERVER, LEGACY, ORIGIN, message_of, post
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.tool_profiles import PROFILE_TOOLS, Profile

NOW_MS = 1_760_000_000_000
AGENT = HTTP_SERVER + '[[server.auth.principals]]\nsubject = "loopback"\nprofile = "agent"\n'


SHAPE = {"tenant_id": 7, "namespace_id": 12, "schema_id": "deploy-facts", "version": "2"}
FACTS = {
    "type": "object",
    "properties": {"window_open": {"type": "boolean"}},
    "required": ["window_open"],
    "additionalProperties": False,
}
QUERY = {"provider_id": "time", "check_id": "after", "params": {"timestamp": 1000}}
ELSEWHERE = {"tenant_id": 7, "namespace_id": 12, "run_id": "none", "scenario_id": "none", "stage_id": "none"}


@pytest.fixture
def started(served):
    """The server with a defined scenario and a started run."""
    served.result("scenario_define", define())
    served.result("scenario_start", start())
    return served


def rpc(tool, arguments):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    return httpx.Request("POST", f"{ORIGIN}/rpc", json=body)


def listed(served):
    return message_of(served.ask("tools/list"))["result"]["tools"]


def test_tools_are_listed_in_the_order_of_the_wire_byte_for_byte_alike(served):
    first, second = served.ask("tools/list"), served.ask("tools/list")

    names = [tool["name"] for tool in listed(served)]
    assert names == [name for name in TOOL_NAMES if name in names]
    assert first.content == second.content


def test_every_answer_fits_the_published_output_schema(serving, tmp_path):
    started = serving(HTTP_SERVER + "[schema_registry.acl]\nallow_local_only = true\n")
    started.result("scenario_define", define())
    started.result("scenario_start", start())
    schemas = {tool["name"]: jsonschema_rs.validator_for(tool["outputSchema"]) for tool in listed(started)}
    pack = {"runpack_dir": str(tmp_path / "pack"), "manifest_path": "manifest.json"}
    calls = [
        ("scenario_define", define()),
        ("scenario_define", define(spec_version="4")),
        ("scenario_start", start("run-b")),
        ("scenario_start", {}),
        ("scenario_status", status()),
        ("scenario_trigger", trigger()),
        ("scenario_next", ask() | {"feedback": "evidence"}),
        ("scenario_submit", submit()),
        ("scenario_submit", submit(value="else")),
        ("scenarios_list", listing()),
        ("runpack_export", export(pack["runpack_dir"], include_verification=None)),
        ("runpack_verify", pack),
        ("runpack_verify", pack | {"manifest_path": "none.json"}),
        ("schemas_register", {"record": SHAPE | {"schema": FACTS}}),
        ("schemas_register", {"record": SHAPE | {"schema": {"type": "no type"}}}),
        ("schemas_list", listing()),
        ("schemas_get", SHAPE),
        ("schemas_get", SHAPE | {"version": "3"}),
        ("precheck", listing(scenario_id="ship-it", data_shape=SHAPE, payload={"window_open": True})),
        ("evidence_query", {"query": QUERY, "context": ELSEWHERE}),
        ("evidence_query", {"query": QUERY | {"check_id": "none"}, "context": ELSEWHERE}),
        ("providers_list", {}),
        ("provider_contract_get", {"provider_id": "time"}),
        ("provider_contract_get", {"provider_id": "none"}),
        ("provider_check_schema_get", {"provider_id": "time", "check_id": "after"}),
        ("decision_gate_docs_search", {"query": "trust lanes"}),
    ]

    results = [(tool, started.call(tool, arguments)) for tool, arguments in calls]

    refused = [tool for tool, result in results if result["isError"]]
    assert refused == [
        "scenario_define",
        "scenario_start",
        "scenario_submit",
        "runpack_verify",
        "schemas_register",
        "schemas_get",
        "evidence_query",
        "provider_contract_get",
    ]
    assert {tool for tool, _ in results} == set(TOOL_NAMES)
    for tool, result in results:
        schemas[tool].validate(result["structuredContent"])
        assert parse(result["content"][0]["text"].encode()) == result["structuredContent"]


def test_an_equal_definition_answers_as_the_first_time_and_another_conflicts(served):
    first = served.result("scenario_define", define())

    assert served.result("scenario_define", define()) == first
    assert first["spec_hash"]["value"] == SPEC_HASH
    refused = served.refusal("scenario_define", define(spec_version="4"))
    assert (refused["kind"], refused["message"]) == ("conflict", "scenario already defined")


def test_on_rpc_an_equal_definition_still_conflicts(served):
    served.result("scenario_define", define())

    (response,) = served.send(rpc("scenario_define", define()))

    assert response.json()["error"]["code"] == -32009


def test_an_agent_need_not_invent_times_or_names_of_attempts(served):
    served.result("scenario_define", define())
    run = {"tenant_id": 7, "namespace_id": 12, "run_id": "run-a"}

    state = served.result("scenario_start", {"scenario_id": "ship-it", "run_config": run})
    answer = served.result("scenario_next", {"scenario_id": "ship-it", "request": run | {"agent_id": "bot-1"}})

    assert (state["stage_entered_at"], state["dispatch_targets"]) == (at(NOW_MS), [])
    assert answer["decision"]["decided_at"] == at(NOW_MS)
    assert answer["decision"]["trigger_id"].startswith("mcp-dg-")
    assert answer["status"] == "completed"


def test_a_named_attempt_is_answered_with_the_same_decision(started):
    first = started.result("scenario_next", ask("poll-1"))

    assert started.result("scenario_next", ask("poll-1", time=9000)) == first


def test_a_refusal_says_what_and_what_to_do_and_where_to_find_it(served):
    refused = served.refusal("scenario_status", status())
    correlation = served.server.sink.named("mcp_request")[-1].members["server_correlation_id"]

    assert refused == {
        "kind": "not_found",
        "message": "scenario not defined",
        "retryable": False,
        "correlation_id": correlation,
        "hint": "See what exists with scenarios_list or schemas_list; a run must be started before it is asked.",
    }


def test_arguments_that_cannot_be_decoded_are_a_result_that_names_the_member(served):
    refused = served.refusal("scenario_status", {"scenario_id": "ship-it", "request": {"tenant_id": 7}})

    assert (refused["kind"], refused["message"]) == ("invalid_params", "request: missing field `run_id`")


def test_an_unknown_tool_is_a_protocol_error(served):
    error = message_of(served.ask("tools/call", {"name": "no_such", "arguments": {}}))["error"]

    assert (error["code"], error["message"]) == (-32602, "unknown tool")


def test_a_profile_is_all_that_its_principal_sees_and_may_call(serving):
    served = serving(AGENT)

    names = {tool["name"] for tool in listed(served)}
    refused = served.refusal("scenario_define", define())

    assert names <= PROFILE_TOOLS[Profile.AGENT]
    assert "scenario_next" in names
    assert refused["kind"] == "unauthorized"


def test_links_lead_to_the_run_and_its_run_pack(started, tmp_path):
    result = started.call("runpack_export", export(str(tmp_path / "pack")))

    _, run, pack = result["content"]
    state = message_of(started.ask("resources/read", {"uri": run["uri"]}))["result"]["contents"][0]
    manifest = message_of(started.ask("resources/read", {"uri": pack["uri"]}))["result"]["contents"][0]
    assert [link["type"] for link in (run, pack)] == ["resource_link", "resource_link"]
    assert run["uri"] == "decision-gate://runs/7/12/ship-it/run-a"
    assert pack["uri"] == run["uri"] + "/runpack"
    told = parse(state["text"].encode())
    assert (told["status"], told["current_stage_id"], len(told["decisions"])) == ("active", "verify", 1)
    read = parse(manifest["text"].encode())
    assert read["integrity"] == result["structuredContent"]["manifest"]["integrity"]


def test_reading_a_run_leaves_no_trace_in_it_and_is_audited(started):
    uri = "decision-gate://runs/7/12/ship-it/run-a"
    before = started.ask("resources/read", {"uri": uri}).content

    after = started.ask("resources/read", {"uri": uri}).content

    assert before == after
    event = started.server.sink.named("mcp_request")[-1].members
    assert (event["method"], event["tool"], event["outcome"]) == ("ResourcesRead", "scenario_status", "Ok")


@pytest.mark.parametrize(
    "uri",
    [
        "decision-gate://runs/7/12/ship-it/other",
        "decision-gate://runs/7/12/other/run-a",
        "decision-gate://runs/0/12/ship-it/run-a",
        "decision-gate://runs/99999999999999999999/12/ship-it/run-a",
        "decision-gate://runs/7/12/ship-it",
        "decision-gate://docs/none",
        "file:///etc/passwd",
    ],
)
def test_what_cannot_be_read_is_an_invalid_parameter(started, uri):
    error = message_of(started.ask("resources/read", {"uri": uri}))["error"]

    assert (error["code"], error["data"]["uri"]) == (-32602, uri)


def test_the_documentation_is_listed_and_read(served):
    documents = message_of(served.ask("resources/list"))["result"]["resources"]
    read = message_of(served.ask("resources/read", {"uri": documents[0]["uri"]}))["result"]["contents"]

    assert {document["mimeType"] for document in documents} == {"text/markdown"}
    assert [(content["uri"], content["mimeType"]) for content in read] == [(documents[0]["uri"], "text/markdown")]
    assert read[0]["text"].startswith("# ")


def test_without_documentation_there_is_nothing_to_list(serving):
    served = serving(HTTP_SERVER + "[docs]\nenabled = false\n")

    assert message_of(served.ask("resources/list"))["result"]["resources"] == []
    error = message_of(served.ask("resources/read", {"uri": "decision-gate://docs/security"}))["error"]
    assert (error["code"], error["data"]["kind"]) == (-32602, "not_found")


def test_who_may_not_ask_for_the_status_cannot_read_it(serving):
    served = serving(
        HTTP_SERVER + '[[server.auth.principals]]\nsubject = "loopback"\nallowed_tools = ["scenario_next"]\n'
    )

    error = message_of(served.ask("resources/read", {"uri": "decision-gate://runs/7/12/ship-it/run-a"}))["error"]

    assert error["data"]["kind"] == "unauthorized"


def test_nothing_internal_reaches_the_client_in_either_era(served, monkeypatch):
    def crash(*_arguments, **_options):
        raise RuntimeError("canary /srv/secret")

    monkeypatch.setattr(type(served.server.host.router), "call", crash)
    call = {"name": "scenarios_list", "arguments": listing()}
    legacy = post({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}, {"mcp-protocol-version": LEGACY})

    for response in (served.ask("tools/call", call), *served.send(legacy)):
        assert message_of(response)["result"]["structuredContent"]["error"]["kind"] == "internal"
        assert "canary" not in response.text


def test_a_crash_around_the_pipeline_does_not_reach_the_client_either(served, monkeypatch):
    def crash(*_arguments, **_options):
        raise RuntimeError("canary /srv/secret")

    monkeypatch.setattr(type(served.server.host.mcp), "offered", crash)
    legacy = post({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})

    for response in (served.ask("tools/list"), *served.send(legacy)):
        assert message_of(response)["error"]["message"] == "Internal error"
        assert "canary" not in response.text


def test_the_agent_is_taught_the_loop(served):
    discovered = message_of(served.ask("server/discover"))["result"]

    assert len(discovered["instructions"].splitlines()) == 10
    for tool in sorted(PROFILE_TOOLS[Profile.AGENT] - {"precheck", "decision_gate_docs_search"}):
        assert tool in discovered["instructions"]
    assert set(discovered["capabilities"]) == {"tools", "resources"}


class TimeThatRests:
    """Evidence whose provider has a circuit, as a program has."""

    def circuits(self):
        return {"time": Circuit.OPEN}

    def missing(self, _queries):
        return None

    def collect(self, queries, _context):
        return [ProviderFailure(message="resting") for _query in queries]


def test_a_listing_tells_circuits_and_the_one_of_rpc_stays_closed(serving):
    """Deviation X9."""
    served = serving(seams=Seams(evidence=TimeThatRests()))

    [told] = served.result("providers_list", {})["providers"]
    [answered] = served.send(rpc("providers_list", {}))

    [plain] = answered.json()["result"]["content"][0]["json"]["providers"]
    assert told == {**plain, "circuit": "open"}
    assert set(plain) == {"provider_id", "transport", "checks"}


def test_a_hold_says_what_is_still_needed_as_data(started):
    held = started.result("scenario_next", ask("poll", 500))

    [reason] = held["feedback"]["reasons"]
    assert (reason["code"], reason["class"], reason["condition_id"]) == ("not_yet", "transient", "window_open")
