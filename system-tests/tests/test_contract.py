"""What was published is what the wire says: tools, errors, the API document, the schema of the configuration.

The snapshots are those that ``packages/decision-gate-mcp`` holds every change against (contract §1.13, §16).
"""

import json

import jsonschema
import pytest
from harness import documents
from harness.command import decision_gate
from harness.config import scripted, sqlite
from harness.mcp import McpClient
from harness.plugin import ROOT

PUBLISHED = ROOT / "packages/decision-gate-mcp/tests/contract/published"
EXAMPLES = json.loads((ROOT / "system-tests/harness/tool_examples.json").read_bytes())
LIST = documents.envelope("tools/list", None)
UNREACHED = {"evidence", "serialization", "inflight_limit"}
"""Rows that no call leads to on purpose, and the one of a full server, which ``test_edge.py`` fills."""


def published(name):
    return json.loads((PUBLISHED / f"{name}.json").read_bytes())


def without_words(value):
    """Return a schema without its descriptions, which may be improved at any time."""
    match value:
        case dict():
            kept = {key: inner for key, inner in value.items() if key != "description" or not isinstance(inner, str)}
            return {key: without_words(inner) for key, inner in kept.items()}
        case list():
            return [without_words(inner) for inner in value]
        case _:
            return value


@pytest.fixture(scope="module")
def server(shared_serve, tmp_path_factory):
    """A server whose limits are small enough to be met."""
    script = tmp_path_factory.mktemp("script") / "script.json"
    script.write_text(documents.text(documents.SCRIPT), encoding="utf-8")
    return shared_serve(
        {
            "server": {"max_body_bytes": 20_000},
            "schema_registry": {"acl": {"allow_local_only": True}},
            "provider_discovery": {"max_response_bytes": 100},
            "providers": [*scripted(script, "facts")["providers"], {"name": "time", "type": "builtin"}],
        }
    )


def test_the_tools_that_are_listed_are_the_published_ones(client_of, server):
    listed = client_of(server).request("tools/list").json["result"]["tools"]

    told = {tool["name"]: without_words(tool["input_schema"]) for tool in listed}
    assert told == {name: schemas["input_schema"] for name, schemas in published("tools").items()}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["tool"])
def test_an_example_and_its_answer_fit_the_schemas_that_are_listed(server, example):
    with McpClient(server.port) as client:
        [tool] = [tool for tool in client.told("tools/list", {})["result"]["tools"] if tool["name"] == example["tool"]]

    jsonschema.Draft202012Validator(tool["inputSchema"]).validate(example["arguments"])
    jsonschema.Draft202012Validator(tool["outputSchema"]).validate(example["result"])


def test_every_refusal_that_a_caller_can_meet_has_its_published_row(serve, server, client_of):
    client = client_of(server)
    client.call("scenario_define", {"spec": documents.two_stages()})
    auth = {"mode": "bearer_token", "bearer_tokens": ["token"]}
    limits = {"rate_limit": {"max_requests": 1, "window_ms": 60_000}}
    stranger = client_of(serve({"server": {"auth": auth, "limits": limits}}))
    broken = serve(sqlite("gate.db"), {"schema_registry": {"acl": {"allow_local_only": True}}})
    (broken.folder / "gate.db").rename(broken.folder / "elsewhere.db")
    place = {"tenant_id": documents.TENANT, "namespace_id": documents.NAMESPACE, "description": None}
    shape = {**place, "schema_id": "s", "version": "1", "schema": True, "created_at": documents.at()}
    first = documents.two_stages("first") | {"namespace_id": 1}

    answers = {
        "invalid_request": client.post(b"{"),
        "method_not_found": client.request("ping"),
        "invalid_params": client.send("scenario_define", {}),
        "unauthenticated": stranger.post(LIST),
        "unauthorized": client.send("scenario_define", {"spec": first}),
        "not_found": client.send("scenario_status", documents.status("nothing", "run-1")),
        "conflict": client.send("scenario_define", {"spec": documents.two_stages()}),
        "control_plane": client.send("scenario_status", documents.status("tea", "no-run")),
        "runpack": client.send("runpack_verify", {"runpack_dir": str(server.folder.parent), "manifest_path": "no"}),
        "internal": client_of(broken).send("schemas_register", {"record": shape}),
        "request_too_large": client.post(LIST + b" " * 20_000),
        "response_too_large": client.send("provider_contract_get", {"provider_id": "time"}),
        "rate_limited": stranger.post(LIST),
        "invalid_correlation_id": client.post(LIST, {"x-correlation-id": "a b"}),
    }

    told = {
        name: {
            "code": answer.json["error"]["code"],
            "kind": answer.json["error"]["data"]["kind"],
            "http": answer.status,
            "retryable": answer.json["error"]["data"]["retryable"],
        }
        for name, answer in answers.items()
    }
    assert told == {name: row for name, row in published("errors").items() if name not in UNREACHED}


def test_the_document_of_the_api_names_what_was_published(client_of, server):
    document = client_of(server).get("/openapi.json").json

    assert {
        "openapi": document["openapi"],
        "operations": {
            path: {method: sorted(operation["responses"]) for method, operation in methods.items()}
            for path, methods in document["paths"].items()
        },
        "schemas": sorted(document["components"]["schemas"]),
    } == published("openapi")


def test_the_schema_of_the_configuration_is_the_published_one_and_takes_what_the_server_takes(tmp_path):
    printed = decision_gate("config", "schema", folder=tmp_path)

    schema = json.loads(printed.stdout)
    assert schema == json.loads((ROOT / "docs/reference/decision-gate.schema.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    good = {"server": {"transport": "http", "bind": "127.0.0.1:4000"}, **scripted("x", "facts")}
    assert (validator.is_valid(good), validator.is_valid({"sever": {}})) == (True, False)
