"""What ``tools/list`` of MCP says of every tool, whether or not this server has it switched on."""

import jsonschema_rs
import pytest

from decision_gate.core.json import plain
from decision_gate.mcp.testing.schema_lint import schema_faults
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.tools.catalogue import ToolText, published_tools
from decision_gate.mcp.transport.mcp.catalogue import mcp_tool

MAX_LISTING_BYTES = 64_000
READ_ONLY = {
    "scenario_status", "evidence_query", "runpack_verify", "providers_list", "provider_contract_get",
    "provider_check_schema_get", "schemas_list", "schemas_get", "scenarios_list", "precheck",
    "decision_gate_docs_search",
}  # fmt: skip


def entry(name):
    return mcp_tool(published_tools()[name])


@pytest.mark.parametrize("name", TOOL_NAMES)
def test_every_schema_is_one_that_all_clients_read(name):
    tool = entry(name)

    assert schema_faults(tool.input_schema) == []
    assert schema_faults(tool.output_schema) == []
    for schema in (tool.input_schema, tool.output_schema):
        jsonschema_rs.validator_for(schema)


@pytest.mark.parametrize("name", TOOL_NAMES)
def test_every_tool_has_a_title_a_description_and_hints(name):
    tool = entry(name)

    assert tool.title != name
    assert tool.description.endswith(".")
    assert tool.hints["readOnlyHint"] is (name in READ_ONLY)
    assert tool.hints.get("destructiveHint", False) is False


def test_the_whole_list_leaves_room_for_work():
    tools = [entry(name) for name in TOOL_NAMES]
    size = sum(len(plain([tool.description, tool.input_schema, tool.output_schema])) for tool in tools)

    assert size < MAX_LISTING_BYTES


def test_assigned_members_are_optional_and_say_what_they_become():
    request = entry("scenario_next").input_schema["properties"]["request"]

    assert request["required"] == ["tenant_id", "namespace_id", "run_id", "agent_id"]
    assert request["properties"]["time"]["description"] == "Time of the attempt. When absent: the server's time."


def test_the_published_schema_of_rpc_stays_as_it_is():
    before = plain(published_tools()["scenario_next"].input_schema)

    entry("scenario_next")

    assert plain(published_tools()["scenario_next"].input_schema) == before


def test_a_tool_of_a_plug_in_needs_no_entry_of_ours():
    text = ToolText(name="console_ping", description="Ping.", input_schema={"type": "object"})

    tool = mcp_tool(text)

    assert (tool.title, tool.output_schema, tool.hints) == ("console_ping", None, {})
    assert schema_faults(tool.input_schema) == []


@pytest.mark.parametrize(
    ("schema", "faults"),
    [
        ({"type": "object", "properties": {}}, []),
        (True, ["#: not an object"]),
        (
            {"oneOf": []},
            ["#: the root is not of type object", "#: the root names no properties", "#/oneOf: combinator at the root"],
        ),
        (
            {"type": "object", "properties": {"a": {"$ref": "https://x/y"}, "b": {"anyOf": [{"type": ["null"]}]}}},
            ["#/properties/a: reference out of the document", "#/properties/b/anyOf/0: list of types"],
        ),
    ],
)
def test_the_lint_names_each_fault_and_its_place(schema, faults):
    assert schema_faults(schema) == faults
