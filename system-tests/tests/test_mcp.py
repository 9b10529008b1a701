"""Real MCP in both of its eras, over ``/mcp`` and line by line over standard input (deviations W1, X3, X14, X15)."""

import hashlib
import json

import pytest
from harness import documents
from harness.config import configuration, scripted
from harness.mcp import HEADERS, LEGACY, MODERN, McpClient, ModernClient, line_session
from harness.rpc import Client

STDIO = {"server": {"transport": "stdio", "bind": None}}
AGENT = "token-of-an-agent"
AGENTS_TOOLS = [
    "scenario_start",
    "scenario_status",
    "scenario_next",
    "scenario_submit",
    "runpack_export",
    "runpack_verify",
    "scenarios_list",
    "precheck",
    "decision_gate_docs_search",
]
WAYS = ["http legacy", "http modern", "lines legacy", "lines modern"]


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


@pytest.fixture(scope="module", params=WAYS)
def speaker(request, server, tmp_path_factory, plugins):
    """Somebody who speaks MCP one of the four ways; ``told`` asks and ``call`` calls."""
    era = LEGACY if "legacy" in request.param else MODERN
    if request.param.startswith("http"):
        with (McpClient if era == LEGACY else ModernClient)(server.port) as client:
            yield client
        return
    folder = tmp_path_factory.mktemp("lines")
    (folder / "script.json").write_text(documents.text(documents.SCRIPT), encoding="utf-8")
    config = configuration(scripted(folder / "script.json", "facts"), STDIO)
    with line_session(folder / "stdio", config, plugins, era) as session:
        yield session


@pytest.fixture(scope="module")
def by_rpc(server):
    """What ``/rpc`` of the same server lists."""
    with Client(server.port) as client:
        return client.request("tools/list").json["result"]["tools"]


def begun(speaker, run):
    """Begin a run and return its id; a scenario that is defined again in the same words is no conflict here."""
    speaker.call("scenario_define", {"spec": documents.two_stages()})
    return speaker.call("scenario_start", documents.start("tea", f"{run}-{speaker.era}"))["run_id"]


def result_of(speaker, tool, arguments):
    """Return the result of a tool call without what only the modern era adds."""
    result = speaker.told("tools/call", {"name": tool, "arguments": arguments})["result"]
    return {name: value for name, value in result.items() if name not in ("resultType", "_meta")}


def test_every_way_lists_the_tools_of_the_wire_with_schemas_that_any_client_swallows(speaker, by_rpc):
    listed = speaker.told("tools/list", {})["result"]["tools"]

    assert [tool["name"] for tool in listed] == [tool["name"] for tool in by_rpc]
    roots = [tool[name] for tool in listed for name in ("inputSchema", "outputSchema")]
    assert {root["type"] for root in roots} == {"object"}
    assert not [root for root in roots if root.keys() & {"oneOf", "anyOf", "allOf", "not", "enum", "$ref"}]
    told, of_writers = {"title", "readOnlyHint", "openWorldHint"}, {"destructiveHint", "idempotentHint"}
    hints = [tool["annotations"] for tool in listed]
    assert [each.keys() - told for each in hints] == [set() if each["readOnlyHint"] else of_writers for each in hints]


def test_an_answer_is_the_same_structured_and_as_text_and_links_to_its_run(speaker):
    run = begun(speaker, "linked")

    result = result_of(speaker, "scenario_next", documents.step("tea", run, "t-1"))
    text, link = result["content"]
    read = speaker.told("resources/read", {"uri": link["uri"]})["result"]["contents"]

    assert result["isError"] is False
    assert json.loads(text["text"]) == result["structuredContent"]
    assert result["structuredContent"]["decision"]["outcome"]["kind"] == "advance"
    assert (link["type"], link["uri"]) == ("resource_link", f"decision-gate://runs/42/7/tea/{run}")
    assert [content["uri"] for content in read] == [link["uri"]]
    state = json.loads(read[0]["text"])
    assert (state["run_id"], state["current_stage_id"]) == (run, "done")


@pytest.mark.parametrize(
    ("tool", "arguments", "kind", "message"),
    [
        ("scenario_status", documents.status("nothing", "x"), "not_found", "scenario not defined"),
        ("scenario_status", documents.status("tea", "x"), "control_plane", "run not found: x"),
        ("scenario_status", {}, "invalid_params", "missing field `scenario_id`"),
        (
            "scenario_define",
            {"spec": documents.two_stages() | {"spec_version": "2"}},
            "conflict",
            "scenario already defined",
        ),
        (
            "scenario_define",
            {"spec": documents.two_stages("first") | {"namespace_id": 1}},
            "unauthorized",
            "unauthorized",
        ),
        ("provider_contract_get", {"provider_id": " "}, "invalid_params", "provider_id must be non-empty"),
    ],
)
def test_a_refusal_is_a_result_of_its_kind_that_a_model_can_read(speaker, tool, arguments, kind, message):
    speaker.call("scenario_define", {"spec": documents.two_stages()})

    result = result_of(speaker, tool, arguments)

    error = result["structuredContent"]["error"]
    told = {name: value for name, value in error.items() if name not in ("hint", "correlation_id")}
    assert told == {"kind": kind, "message": message, "retryable": False}
    assert result == {"content": result["content"], "isError": True, "structuredContent": {"error": error}}
    assert [json.loads(content["text"]) for content in result["content"]] == [{"error": error}]


@pytest.mark.parametrize(
    ("method", "params", "codes"),
    [
        ("tools/call", {"name": "no_such_tool", "arguments": {}}, {LEGACY: -32602, MODERN: -32602}),
        ("nothing/such", {}, {LEGACY: -32601, MODERN: -32601}),
        ("resources/read", {"uri": "decision-gate://docs/none"}, {LEGACY: -32002, MODERN: -32602}),
        ("resources/read", {"uri": "file:///etc/passwd"}, {LEGACY: -32002, MODERN: -32602}),
    ],
)
def test_what_is_no_call_of_a_tool_is_an_error_of_the_protocol(speaker, method, params, codes):
    answer = speaker.told(method, params)

    assert (answer["error"]["code"], "result" in answer) == (codes[speaker.era], False)


def test_trigger_and_time_that_are_left_out_are_assigned_and_every_question_is_a_new_one(speaker):
    run = begun(speaker, "assigned")
    bare = {"scenario_id": "tea", "request": {**documents.run_of(run), "agent_id": "agent"}}

    first, second = (speaker.call("scenario_next", bare)["decision"] for _ in range(2))

    assert [first["outcome"]["kind"], second["outcome"]["kind"]] == ["advance", "complete"]
    assert first["trigger_id"] != second["trigger_id"]
    assert first["decided_at"]["kind"] == "unix_millis"


def test_rpc_of_the_same_server_assigns_nothing_and_takes_no_definition_twice(client_of, server):
    client = client_of(server)
    with McpClient(server.port) as speaker:
        run = begun(speaker, "plain")
    step = documents.step("tea", run, "t")
    del step["request"]["trigger_id"]

    assert client.send("scenario_next", step).error[:3] == (400, -32602, "invalid_params")
    assert client.send("scenario_define", {"spec": documents.two_stages()}).error[2] == "conflict"


def test_an_agent_sees_the_tools_of_its_profile_and_may_call_no_other(serve):
    subject = "token:" + hashlib.sha256(AGENT.encode()).hexdigest()
    principals = [{"subject": subject, "profile": "agent"}]
    server = serve({"server": {"auth": {"mode": "bearer_token", "bearer_tokens": [AGENT], "principals": principals}}})

    with McpClient(server.port, token=AGENT) as agent, McpClient(server.port) as stranger:
        listed = [tool["name"] for tool in agent.told("tools/list", {})["result"]["tools"]]
        refused = agent.told("tools/call", {"name": "scenario_define", "arguments": {"spec": documents.two_stages()}})
        challenge = stranger.ask("tools/list", {})

    assert listed == AGENTS_TOOLS
    assert "result" not in refused or refused["result"]["isError"] is True
    assert challenge.status == 401
    assert challenge.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, -32700),
        (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}', {}, 400, -32700),
        (documents.envelope("tools/list", {}), {"origin": "https://evil.example.org"}, 403, -32600),
        (documents.envelope("tools/list", {}), {"host": "evil.example.org"}, 403, -32600),
        (documents.envelope("tools/list", {}), {"mcp-protocol-version": "1999-01-01"}, 400, -32602),
        (documents.envelope("tools/list", {}), {"mcp-protocol-version": MODERN}, 400, -32602),
    ],
)
def test_a_message_that_is_none_or_comes_through_a_foreign_page_is_refused(
    client_of, server, body, headers, status, code
):
    answer = client_of(server).post(body, HEADERS | headers, "/mcp")

    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert "x-server-correlation-id" in answer.headers


def test_there_are_no_sessions_to_open(client_of, server):
    client = client_of(server)

    assert client.get("/mcp").status == 405
    first = client.post(documents.envelope("tools/list", {}), HEADERS, "/mcp")
    assert (first.status, "mcp-session-id" in first.headers) == (200, False)
