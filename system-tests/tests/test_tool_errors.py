"""The catalogue's rows of schemas, providers, prechecks and documentation (contract §1.13, §2.7 to §2.18)."""

import pytest
from harness import documents
from harness.config import scripted
from harness.rpc import Client

PLACE = {"tenant_id": documents.TENANT, "namespace_id": documents.NAMESPACE}
FULL = {"tenant_id": documents.TENANT, "namespace_id": 8}
SHAPE = {"schema_id": "shape", "version": "1"}
UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
CONTEXT = {
    **documents.run_of("run-1"),
    "scenario_id": "tea",
    "stage_id": "open",
    "trigger_id": "t",
    "trigger_time": documents.at(),
}


def record(place, version="1", schema=None):
    shape = {**place, "schema_id": "shape", "version": version, "schema": schema or {"type": "object"}}
    return {"record": {**shape, "description": None, "created_at": documents.at()}}


def asking(**query):
    wanted = documents.condition("x", query=query)
    return {"spec": documents.scenario("asking", [documents.stage("open", None, "x")], wanted)}


def invalid(text):
    return 400, -32602, "invalid_params", text


@pytest.fixture(scope="module")
def server(shared_serve, tmp_path_factory):
    """A server with one schema in one namespace and as many as there may be in another."""
    script = tmp_path_factory.mktemp("script") / "script.json"
    script.write_text(documents.text(documents.SCRIPT), encoding="utf-8")
    providers = [*scripted(script, "facts")["providers"], {"name": "time", "type": "builtin"}]
    started = shared_serve(
        {
            "providers": providers,
            "schema_registry": {"max_entries": 2, "max_schema_bytes": 200, "acl": {"allow_local_only": True}},
            "provider_discovery": {"denylist": ["facts"], "max_response_bytes": 1500},
        }
    )
    with Client(started.port) as client:
        client.call("schemas_register", record(PLACE))
        client.call("schemas_register", record(FULL, "1"))
        client.call("schemas_register", record(FULL, "2"))
        client.call("scenario_define", {"spec": documents.two_stages()})
    return started


@pytest.mark.parametrize(
    ("tool", "arguments", "error"),
    [
        ("schemas_get", {**PLACE, **SHAPE, "version": "9"}, (200, -32004, "not_found", "schema not found")),
        ("schemas_register", record(PLACE), (200, -32009, "conflict", "schema already registered")),
        ("schemas_register", record(FULL, "3"), (200, -32009, "conflict", "schema registry max entries exceeded")),
        (
            "schemas_register",
            record(PLACE, "2", {"title": "x" * 300}),
            invalid("schema exceeds size limit: 312 bytes (max 200)"),
        ),
        ("schemas_list", {**PLACE, "limit": 0}, invalid("limit must be between 1 and 1000")),
        ("schemas_list", {**PLACE, "limit": 1001}, invalid("limit must be between 1 and 1000")),
        ("schemas_list", {**PLACE, "cursor": "x"}, invalid("invalid cursor")),
        ("scenarios_list", {**PLACE, "limit": 0}, invalid("limit must be between 1 and 1000")),
        (
            "scenario_define",
            asking(provider_id="nobody", check_id="x"),
            invalid("provider_missing: provider not registered: nobody"),
        ),
        (
            "scenario_define",
            asking(provider_id="time", check_id="x"),
            invalid("check_missing: check not supported: time.x"),
        ),
        ("provider_contract_get", {"provider_id": "facts"}, UNAUTHORIZED),
        ("provider_check_schema_get", {"provider_id": "facts", "check_id": "ready"}, UNAUTHORIZED),
        ("provider_contract_get", {"provider_id": " "}, invalid("provider_id must be non-empty")),
        (
            "provider_contract_get",
            {"provider_id": "nobody"},
            invalid("provider_missing: provider not registered: nobody"),
        ),
        (
            "provider_check_schema_get",
            {"provider_id": "time", "check_id": "x"},
            invalid("check_missing: check not supported: time.x"),
        ),
        (
            "evidence_query",
            {"query": {"provider_id": "nobody", "check_id": "x"}, "context": CONTEXT},
            invalid("provider_missing: provider not registered: nobody"),
        ),
        (
            "precheck",
            {**PLACE, "scenario_id": "tea", "data_shape": {**SHAPE, "version": "9"}, "payload": {}},
            (200, -32004, "not_found", "schema not found"),
        ),
        (
            "precheck",
            {**PLACE, "scenario_id": "nothing", "data_shape": SHAPE, "payload": {}},
            (200, -32004, "not_found", "scenario not defined"),
        ),
    ],
)
def test_a_refusal_of_these_tools_has_its_row_of_the_catalogue(client_of, server, tool, arguments, error):
    assert client_of(server).send(tool, arguments).error == error


@pytest.mark.parametrize(
    ("schema", "beginning"),
    [
        ({"type": 7}, "invalid schema: "),
        ({"$ref": "https://example.org/schema.json"}, "invalid schema: "),
        ({"$ref": "file:///etc/passwd"}, "invalid schema: "),
        ({"$schema": "http://json-schema.org/draft-04/schema#"}, "invalid schema: "),
    ],
)
def test_a_schema_that_can_not_be_judged_by_itself_is_refused(client_of, server, schema, beginning):
    status, code, _, message = client_of(server).send("schemas_register", record(PLACE, "5", schema)).error

    assert (status, code) == (400, -32602)
    assert message.startswith(beginning)


def test_an_answer_about_a_provider_that_is_too_large_is_refused_with_its_size(client_of, server):
    status, code, kind, message = client_of(server).send("provider_contract_get", {"provider_id": "time"}).error

    assert (status, code, kind) == (200, -32070, "request_too_large")
    assert message.startswith("provider discovery response exceeds size limit (")
    assert message.endswith(" > 1500)")


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        (None, "resources.read requires uri"),
        ("https://example.org", "resource uri must start with decision-gate://docs/"),
        ("decision-gate://docs/../../etc/passwd", "unknown resource uri: decision-gate://docs/../../etc/passwd"),
    ],
)
def test_a_document_that_is_not_there_is_invalid_params(client_of, server, uri, text):
    answer = client_of(server).request("resources/read", {} if uri is None else {"uri": uri})

    assert answer.error == invalid(text)


def test_documentation_that_is_switched_off_looks_as_if_there_never_was_any(serve, client_of):
    client = client_of(serve({"docs": {"enabled": False}}))

    assert client.request("resources/list").error == (400, -32601, "method_not_found", "method not found")
    assert client.send("decision_gate_docs_search", {"query": "x"}).error[3] == "unknown tool"


def test_schemas_are_nobodys_unless_a_role_or_the_operator_says_so(serve, client_of):
    client = client_of(serve())

    answers = [
        client.send("schemas_register", record(PLACE)),
        client.send("schemas_list", PLACE),
        client.send("schemas_get", {**PLACE, **SHAPE}),
    ]

    assert [answer.error for answer in answers] == [UNAUTHORIZED] * 3
