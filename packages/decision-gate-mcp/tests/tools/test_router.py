"""Methods and tools (contract §1.10, §1.11, §4.3)."""

import jsonschema_rs
import pytest

from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import ask, define, listing, start, status, submit, trigger
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.tools.catalogue import published_tools


def refusal(server, method, params=None):
    with pytest.raises(RpcError) as refused:
        server.request(method, params)
    return refused.value.code, refused.value.status, refused.value.message


def test_tools_are_listed_in_the_order_of_the_contract_with_exactly_three_members(server):
    tools = server.request("tools/list")["tools"]

    names = [tool["name"] for tool in tools]
    assert names == [name for name in TOOL_NAMES if name in names]
    assert {tuple(tool) for tool in tools} == {("name", "description", "input_schema")}


def test_every_tool_of_the_wire_has_a_published_schema_that_is_one():
    assert sorted(published_tools()) == sorted(TOOL_NAMES)
    for tool in published_tools().values():
        assert tool.input_schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert tool.input_schema["additionalProperties"] is False
        jsonschema_rs.validator_for(tool.input_schema)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("scenario_define", define()),
        ("scenario_start", start()),
        ("scenario_status", status()),
        ("scenario_next", ask()),
        ("scenario_submit", submit()),
        ("scenario_trigger", trigger()),
        ("scenarios_list", listing()),
    ],
)
def test_the_worked_arguments_keep_to_the_published_schemas(tool, arguments):
    assert jsonschema_rs.is_valid(published_tools()[tool].input_schema, arguments)


def test_hidden_tools_are_neither_listed_nor_callable():
    with open_test_server('[server.tools]\ndenylist = ["precheck", "scenarios_list"]\n') as server:
        assert "scenarios_list" not in [tool["name"] for tool in server.request("tools/list")["tools"]]
        assert refusal(server, "tools/call", {"name": "scenarios_list", "arguments": {}}) == (
            -32601,
            400,
            "unknown tool",
        )
        [event] = server.sink.named("mcp_tool_authz")[-1:]

    assert event.members["decision"] == "allow"


@pytest.mark.parametrize(
    "method",
    ["initialize", "ping", "notifications/initialized", "prompts/list", "TOOLS/LIST", ""],
)
def test_other_methods_are_not_found(server, method):
    assert refusal(server, method) == (-32601, 400, "method not found")


@pytest.mark.parametrize(
    "params",
    [None, {}, [], {"name": "precheck"}, {"arguments": {}}, {"name": 1, "arguments": {}}],
)
def test_a_call_needs_name_and_arguments(server, params):
    assert refusal(server, "tools/call", params) == (-32602, 400, "invalid tool params")


def test_further_members_of_a_call_are_ignored(server):
    server.request("tools/call", {"name": "scenarios_list", "arguments": listing(), "_meta": {}})


def test_the_version_is_judged_first_and_the_id_is_echoed(server):
    reply = server.send(b'{"jsonrpc":"1.0","id":"x","method":"nope"}')

    assert reply.status == 400
    assert reply.body.startswith(
        b'{"jsonrpc":"2.0","id":"x","error":{"code":-32600,"message":"invalid json-rpc version"'
    )
