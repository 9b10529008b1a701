"""``precheck``: what the gates would say to a payload; no run, no provider, no trace of the payload (contract §8.3)."""

import json

import pytest
from harness import documents
from harness.rpc import Client

PLACE = {"tenant_id": documents.TENANT, "namespace_id": documents.NAMESPACE}
SECRET = "canary-of-a-prechecked-payload"
SHAPES = {
    "facts": {
        "type": "object",
        "properties": {"ready": {"type": "boolean"}, "count": {"type": "integer"}, "note": {"type": "string"}},
    },
    "flag": {"type": "boolean"},
}


def two_gates(name="s", **changes):
    """Return a scenario that goes on to ``done`` when it is ready and there are three."""
    three = documents.condition("count", comparator="greater_than_or_equal", expected=3)
    fixed = {"kind": "fixed", "stage_id": "done"}
    stages = [documents.stage("open", fixed, "ready", "count"), documents.stage("done", None, "ready", gates=[])]
    return documents.scenario(name, stages, documents.condition("ready"), three, **changes)


def arguments(payload, *, shape="facts", **changes):
    return {
        **PLACE,
        "scenario_id": "s",
        "data_shape": {"schema_id": shape, "version": "1"},
        "payload": payload,
        **changes,
    }


def told(decision, **gates):
    evaluations = [
        {"gate_id": f"open-{name}", "status": status, "trace": [{"condition_id": name, "status": status}]}
        for name, status in gates.items()
    ]
    return {"decision": decision, "gate_evaluations": evaluations}


def hold(*gates):
    summary = {"status": "hold", "unmet_gates": list(gates), "retry_hint": "await_evidence", "policy_tags": []}
    return {"kind": "hold", "summary": summary}


ADVANCE = {"kind": "advance", "from_stage": "open", "to_stage": "done", "timeout": False}
READY = {"ready": True, "count": 3}


@pytest.fixture(scope="module")
def begin():
    def begun(server):
        with Client(server.port) as client:
            for name, schema in SHAPES.items():
                shape = {**PLACE, "schema_id": name, "version": "1", "schema": schema}
                client.call(
                    "schemas_register", {"record": {**shape, "description": None, "created_at": documents.at()}}
                )
            client.call("scenario_define", {"spec": two_gates()})
            one = documents.scenario("one", [documents.stage("open", None, "ready")], documents.condition("ready"))
            client.call("scenario_define", {"spec": one})
            owned = two_gates("owned", default_tenant_id=documents.TENANT + 1)
            client.call("scenario_define", {"spec": owned})
        return server

    return begun


@pytest.fixture(scope="module")
def server(shared_serve, begin):
    """A server that accepts asserted evidence."""
    return begin(shared_serve({"schema_registry": {"acl": {"allow_local_only": True}}}))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (READY, told(ADVANCE, ready="True", count="True")),
        ({"ready": True, "count": 2}, told(hold("open-count"), ready="True", count="False")),
        ({"ready": False, "count": 3}, told(hold("open-ready"), ready="False", count="True")),
        ({"ready": True}, told(hold("open-count"), ready="True", count="Unknown")),
        ({}, told(hold("open-ready", "open-count"), ready="Unknown", count="Unknown")),
        ({**READY, "note": "more"}, told(ADVANCE, ready="True", count="True")),
    ],
)
def test_a_payload_is_judged_as_if_a_provider_had_said_it(client_of, server, payload, expected):
    assert client_of(server).call("precheck", arguments(payload)) == expected


def test_another_stage_and_a_scenario_that_comes_with_the_call_are_judged_alike(client_of, server):
    client = client_of(server)
    stricter = two_gates()
    stricter["conditions"][1]["expected"] = 4

    by_stage = client.call("precheck", arguments(READY, stage_id="done"))
    given = client.call("precheck", arguments(READY, spec=two_gates("given"), scenario_id=None))
    instead = client.call("precheck", arguments(READY, spec=stricter))
    whole = client.call("precheck", arguments(payload=True, shape="flag", scenario_id="one"))

    assert by_stage == {"decision": {"kind": "complete", "stage_id": "done"}, "gate_evaluations": []}
    assert given == told(ADVANCE, ready="True", count="True")
    assert instead == told(hold("open-count"), ready="True", count="False")
    assert whole == told({"kind": "complete", "stage_id": "open"}, ready="True")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scenario_id": None}, (400, -32602, "invalid_params", "scenario_id or spec is required")),
        (
            {"spec": two_gates("other")},
            (400, -32602, "invalid_params", "scenario_id does not match spec"),
        ),
        (
            {"scenario_id": None, "spec": two_gates("other", namespace_id=99)},
            (400, -32602, "invalid_params", "namespace_id does not match spec"),
        ),
        ({"scenario_id": "nothing"}, (200, -32004, "not_found", "scenario not defined")),
        ({"stage_id": "nowhere"}, (200, -32030, "control_plane", "unknown stage identifier: nowhere")),
        (
            {"spec": two_gates(default_tenant_id=documents.TENANT + 1)},
            (403, -32003, "unauthorized", "unauthorized"),
        ),
        (
            {"data_shape": {"schema_id": "facts", "version": "2"}},
            (200, -32004, "not_found", "schema not found"),
        ),
    ],
)
def test_what_can_not_be_judged_is_refused_with_its_row_of_the_catalogue(client_of, server, changes, error):
    assert client_of(server).send("precheck", arguments(READY, **changes)).error == error


def test_a_payload_that_does_not_fit_its_schema_is_refused_with_every_reason(client_of, server):
    status, code, kind, text = client_of(server).send("precheck", arguments({"ready": 1, "count": "x"})).error

    assert (status, code, kind) == (400, -32602, "invalid_params")
    assert text.startswith("payload does not match schema: ")
    assert text.count(";") == 1


def test_asserted_facts_satisfy_no_gate_where_the_server_wants_verified_ones(serve, begin, client_of):
    server = begin(serve({"trust": None, "schema_registry": {"acl": {"allow_local_only": True}}}))

    held = client_of(server).call("precheck", arguments(READY))

    assert held == told(hold("open-ready", "open-count"), ready="Unknown", count="Unknown")


@pytest.mark.parametrize("is_kept", [False, True])
def test_the_audit_holds_the_hash_of_a_payload_and_the_payload_only_where_it_is_told_to(
    serve, begin, client_of, is_kept
):
    audit = {"audit": {"log_precheck_payloads": is_kept}}
    server = begin(serve({"server": audit, "schema_registry": {"acl": {"allow_local_only": True}}}))

    client = client_of(server)
    client.call("precheck", arguments({**READY, "note": SECRET}))
    client.call("scenario_start", documents.start("s", "run-1"))
    state = client.call("scenario_status", documents.status("s", "run-1"))

    text = (server.folder / "audit.jsonl").read_text(encoding="utf-8")
    [event] = [event for event in map(json.loads, text.splitlines()) if event["event"] == "precheck_audit"]
    assert (SECRET in text, SECRET in server.log()) == (is_kept, False)
    assert {len(event[name]["value"]) for name in ("request_hash", "response_hash")} == {64}
    assert state["last_decision"] is None
