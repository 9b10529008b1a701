"""The OpenAPI document: served to anybody, and true (contract §16)."""

import json

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from decision_gate.core.json import plain
from decision_gate.mcp.error_map import published_errors
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.asgi import HttpRequest, ask_app
from decision_gate.mcp.testing.calls import TIME_PROVIDER, define, listing
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.transport.openapi import openapi_document, openapi_text
from decision_gate.mcp.transport.serving import opened_app

REGISTRY = Registry().with_resource(
    "urn:api", Resource.from_contents(json.loads(openapi_text()), default_specification=DRAFT202012)
)


def validator(name):
    """Return a validator of one component, its references resolved within the document."""
    return jsonschema.Draft202012Validator({"$ref": f"urn:api#/components/schemas/{name}"}, registry=REGISTRY)


def references(value):
    match value:
        case dict():
            if isinstance(target := value.get("$ref"), str):
                yield target
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def test_the_document_is_of_version_3_1_with_one_operation():
    document = openapi_document()

    assert document["openapi"] == "3.1.0"
    assert {path: list(methods) for path, methods in document["paths"].items()} == {"/rpc": ["post"]}


def test_every_reference_leads_to_a_component():
    document = openapi_document()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set(references(document)) <= known


@pytest.mark.parametrize("tool", TOOL_NAMES)
def test_every_tool_has_arguments_result_request_and_reply(tool):
    name = "".join(word.capitalize() for word in tool.split("_"))
    schemas = openapi_document()["components"]["schemas"]

    assert {f"{name}{kind}" for kind in ("Arguments", "Result", "Request", "Reply")} <= set(schemas)
    for kind in ("Arguments", "Result"):
        jsonschema.Draft202012Validator.check_schema(schemas[f"{name}{kind}"])


def test_every_error_of_the_table_is_described():
    error = openapi_document()["components"]["schemas"]["Error"]["properties"]["error"]["properties"]

    assert set(error["code"]["enum"]) == {row.code for row in published_errors().values()}
    assert set(error["data"]["properties"]["kind"]["enum"]) == {row.kind for row in published_errors().values()}


def test_real_requests_replies_and_errors_keep_to_it():
    def request(tool, arguments):
        return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}

    with open_test_server(TIME_PROVIDER) as server:
        for tool, arguments, component, reply in (
            ("scenario_define", define(), "ScenarioDefine", "ScenarioDefineReply"),
            ("scenarios_list", listing(), "ScenariosList", "ScenariosListReply"),
            ("scenario_define", define(), "ScenarioDefine", "Error"),
        ):
            validator(f"{component}Request").validate(request(tool, arguments))
            answer = json.loads(server.send(plain(request(tool, arguments))).body)
            validator(reply).validate(answer)


def test_a_server_gives_the_document_to_anybody():
    config = '[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n'
    config += '[server.auth]\nmode = "bearer_token"\nbearer_tokens = ["secret"]\n'
    with open_test_server(config) as server, opened_app(server.host) as app:
        answer = ask_app(app, HttpRequest(method="GET", path="/openapi.json"))

    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.body == openapi_text()
