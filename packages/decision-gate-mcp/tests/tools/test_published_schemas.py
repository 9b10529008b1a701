"""Every request and every reply of every tool keeps to its published schema (contract §2, §16).

``jsonschema`` judges here: it is not the engine that the server uses.
"""

import copy

import jsonschema
import pytest

from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.calls import (
    TIME_PROVIDER,
    ask,
    define,
    evidence,
    export,
    listing,
    precheck,
    shape,
    shape_name,
    start,
    status,
    submit,
    trigger,
)
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.tools.catalogue import published_outputs, published_tools

CONFIG = (
    TIME_PROVIDER
    + """
[[providers]]
name = "env"
type = "builtin"
config = { overrides = { COLOUR = "red" } }
[schema_registry.acl]
allow_local_only = true
[server.feedback.scenario_next]
max = "evidence"
evidence_subjects = ["loopback"]
trace_subjects = ["loopback"]
[runpacks]
roots = ["ROOT"]
"""
)


def calls(folder):
    """Return calls of every tool, in an order that works, with every shape of reply that is easily had."""
    branching = copy.deepcopy(define(scenario_id="branching"))
    first = branching["spec"]["stages"][0]
    first["advance_to"] = {
        "kind": "branch",
        "branches": [{"gate_id": "g-window", "outcome": "true", "next_stage_id": "end"}],
        "default": None,
    }
    branching["spec"]["stages"].append({**first, "stage_id": "end", "gates": [], "advance_to": {"kind": "terminal"}})
    branching["spec"]["stages"][1]["entry_packets"] = [
        {**first["entry_packets"][0], "packet_id": "raw", "payload": {"kind": "bytes", "bytes": [0, 255]}}
    ]
    other = start("run-c", scenario_id="branching") | {"scenario_id": "branching"}
    return [
        ("scenario_define", define()),
        ("scenario_define", branching),
        ("scenarios_list", listing()),
        ("scenario_start", start()),
        ("scenario_start", start("run-b", issue=False)),
        ("scenario_start", other),
        ("scenario_status", status()),
        ("scenario_next", ask("hold", time=500)),
        ("scenario_next", ask("trace", time=500) | {"feedback": "trace"}),
        ("scenario_next", ask("evidence", time=500) | {"feedback": "evidence"}),
        ("scenario_status", status()),
        ("scenario_submit", submit()),
        ("scenario_trigger", trigger(run_id="run-b")),
        ("scenario_trigger", trigger("go", time=5000, run_id="run-c") | {"scenario_id": "branching"}),
        ("scenario_next", ask()),
        ("evidence_query", evidence()),
        ("evidence_query", evidence("env", "get", {"key": "COLOUR"})),
        ("evidence_query", evidence("env", "get", {"key": "NOTHING"})),
        ("runpack_export", export(str(folder / "a"))),
        ("runpack_export", export(str(folder / "b"), include_verification=True)),
        ("runpack_verify", {"runpack_dir": str(folder / "a"), "manifest_path": "manifest.json"}),
        ("providers_list", {}),
        ("provider_contract_get", {"provider_id": "env"}),
        ("provider_check_schema_get", {"provider_id": "time", "check_id": "now"}),
        ("schemas_register", shape()),
        ("schemas_register", shape("3", description="x", signing={"key_id": "k", "signature": "s"})),
        ("schemas_list", listing()),
        ("schemas_get", shape_name()),
        ("precheck", precheck({"window_open": True})),
        ("precheck", precheck({"window_open": True}, scenario_id=None, spec=define()["spec"])),
        ("decision_gate_docs_search", {"query": "trust lanes", "max_sections": 2}),
        ("decision_gate_docs_search", {"query": ""}),
    ]


def validator(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def exchanged(tmp_path_factory):
    """Return every call with its reply."""
    folder = tmp_path_factory.mktemp("packs")
    with open_test_server(CONFIG.replace("ROOT", str(folder))) as server:
        return [(tool, arguments, server.call(tool, arguments)) for tool, arguments in calls(folder)]


@pytest.mark.parametrize("tool", TOOL_NAMES)
def test_requests_and_replies_keep_to_the_published_schemas(exchanged, tool):
    inputs = validator(published_tools()[tool].input_schema)
    outputs = validator(published_outputs()[tool])
    own = [(arguments, reply) for name, arguments, reply in exchanged if name == tool]

    assert own
    for arguments, reply in own:
        assert [error.message for error in inputs.iter_errors(arguments)] == []
        assert [error.message for error in outputs.iter_errors(reply)] == []


def test_every_tool_has_a_schema_of_what_it_answers():
    assert tuple(published_outputs()) == TOOL_NAMES


@pytest.mark.parametrize("tool", TOOL_NAMES)
def test_a_reply_with_a_member_too_many_or_too_few_would_be_noticed(exchanged, tool):
    outputs = validator(published_outputs()[tool])
    reply = next(reply for name, _, reply in exchanged if name == tool)

    assert not outputs.is_valid(reply | {"surprise": 1})
    for member in published_outputs()[tool]["required"]:
        assert not outputs.is_valid({name: value for name, value in reply.items() if name != member})
