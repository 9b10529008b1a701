"""``precheck``: asserted payloads, no providers, no state, hashes in the audit (contract §8.3, §12)."""

import copy

import pytest

from decision_gate.core.hashing import hash_json
from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import SPEC, TIME_PROVIDER, define, precheck, shape

OPEN = TIME_PROVIDER + "[schema_registry.acl]\nallow_local_only = true\n"
ASSERTED = OPEN + '[trust]\nmin_lane = "asserted"\n'

COMPLETE = {"kind": "complete", "stage_id": "verify"}
HOLD = {
    "kind": "hold",
    "summary": {
        "status": "hold",
        "unmet_gates": ["g-window"],
        "retry_hint": "await_evidence",
        "policy_tags": [],
    },
}


def gate(status):
    return [{"gate_id": "g-window", "status": status, "trace": [{"condition_id": "window_open", "status": status}]}]


@pytest.fixture
def ready():
    """Return a function that opens a server with the scenario and its shape."""
    opened = []

    def open_ready(config=ASSERTED, **record):
        context = open_test_server(config)
        server = context.__enter__()
        opened.append(context)
        server.call("scenario_define", define())
        server.call("schemas_register", shape(**record))
        return server

    yield open_ready
    for context in opened:
        context.__exit__(None, None, None)


def refusal(server, arguments):
    with pytest.raises(RpcError) as refused:
        server.call("precheck", arguments)
    return refused.value.code, refused.value.status, refused.value.message


def given(**changes):
    return copy.deepcopy(SPEC) | changes


def test_asserted_evidence_leaves_a_gate_unknown_where_verified_evidence_is_needed(ready):
    assert ready(OPEN).call("precheck", precheck({"window_open": True})) == {
        "decision": HOLD,
        "gate_evaluations": gate("Unknown"),
    }


@pytest.mark.parametrize(("value", "decision", "status"), [(True, COMPLETE, "True"), (False, HOLD, "False")])
def test_it_is_judged_where_asserted_evidence_is_accepted(ready, value, decision, status):
    answer = ready().call("precheck", precheck({"window_open": value}))

    assert answer == {"decision": decision, "gate_evaluations": gate(status)}


LANES = [
    # configuration, trust of the condition, trust of the gate, status
    ("[dev]\npermissive = true\n", None, None, "True"),
    ('[server]\nmode = "dev_permissive"\n', None, None, "True"),
    ("[dev]\npermissive = true\n", "verified", None, "Unknown"),
    ("[dev]\npermissive = true\n", None, "verified", "Unknown"),
    ("[dev]\npermissive = true\n", "asserted", "asserted", "True"),
    ('[dev]\npermissive = true\npermissive_exempt_providers = ["time"]\n', None, None, "Unknown"),
    ("", "asserted", "asserted", "Unknown"),
]


@pytest.mark.parametrize(("config", "condition", "gate_trust", "status"), LANES)
def test_dev_permissive_lowers_the_servers_lane_and_nothing_else(config, condition, gate_trust, status):
    spec = given()
    if condition is not None:
        spec["conditions"][0]["trust"] = {"min_lane": condition}
    if gate_trust is not None:
        spec["stages"][0]["gates"][0]["trust"] = {"min_lane": gate_trust}
    with open_test_server(config + OPEN) as server:
        server.call("scenario_define", {"spec": spec})
        server.call("schemas_register", shape())

        answer = server.call("precheck", precheck({"window_open": True}))

    assert answer["gate_evaluations"] == gate(status)


def test_a_scenario_that_comes_with_the_call_is_judged_without_exempt_providers(ready):
    server = ready('[dev]\npermissive = true\npermissive_exempt_providers = ["time"]\n' + OPEN)

    answer = server.call("precheck", precheck({"window_open": True}, scenario_id=None, spec=given()))

    assert answer["decision"] == COMPLETE


def test_the_given_scenario_counts_even_where_its_id_is_defined(ready):
    closed = given()
    closed["conditions"][0]["expected"] = False

    assert ready().call("precheck", precheck({"window_open": True}, spec=closed))["decision"] == HOLD


UNEXPECTED = "Additional properties are not allowed ('x' was unexpected)"
MISSING = '"window_open" is a required property'

PLACES = [
    ({"data_shape": {"schema_id": "deploy-facts", "version": "9"}}, (-32004, 200, "schema not found")),
    ({"scenario_id": "ghost"}, (-32004, 200, "scenario not defined")),
    ({"scenario_id": None}, (-32602, 400, "scenario_id or spec is required")),
    ({"spec": given(scenario_id="other")}, (-32602, 400, "scenario_id does not match spec")),
    ({"spec": given(namespace_id=13)}, (-32602, 400, "namespace_id does not match spec")),
    ({"scenario_id": None, "spec": given(namespace_id=13)}, (-32602, 400, "namespace_id does not match spec")),
    ({"spec": given(default_tenant_id=8)}, (-32003, 403, "unauthorized")),
    (
        {"spec": given(stages=copy.deepcopy(SPEC["stages"]) * 2)},
        (-32030, 200, "invalid scenario spec: duplicate stage identifier: verify"),
    ),
    ({"stage_id": "nowhere"}, (-32030, 200, "unknown stage identifier: nowhere")),
    (
        {"payload": {"window_open": "yes"}},
        (-32602, 400, 'payload does not match schema: "yes" is not of type "boolean"'),
    ),
    (
        {"payload": {"x": 1}},
        (
            -32602,
            400,
            f"payload does not match schema: {UNEXPECTED}; {MISSING}",
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), PLACES)
def test_what_does_not_fit_is_refused_with_the_text_of_the_contract(ready, changes, expected):
    assert refusal(ready(), precheck({"window_open": True}) | changes) == expected


def test_the_payload_is_judged_before_the_scenario(ready):
    assert refusal(ready(), precheck({}, scenario_id="ghost"))[0] == -32602


def test_a_payload_is_required_and_null_is_one(ready):
    arguments = precheck(None)
    del arguments["payload"]

    assert refusal(ready(), arguments) == (-32602, 400, "missing field `payload`")
    text = refusal(ready(), precheck(None))[2]
    assert text == 'payload does not match schema: null is not of type "object"'


def test_a_null_member_is_a_null_value_and_an_absent_one_is_no_value(ready):
    nullable = {"type": "object", "properties": {"window_open": {"type": ["boolean", "null"]}}}
    server = ready(schema=nullable)
    spec = given()
    spec["conditions"][0] |= {"comparator": "exists", "expected": None}

    statuses = [
        server.call("precheck", precheck(payload, spec=spec))["gate_evaluations"][0]["status"]
        for payload in ({"window_open": None}, {})
    ]

    assert statuses == ["True", "False"]


def test_a_bare_value_is_the_only_conditions_evidence(ready):
    server = ready(schema={"type": "boolean"})

    assert server.call("precheck", precheck(True))["decision"] == COMPLETE
    [condition] = SPEC["conditions"]
    two = given(conditions=[condition, condition | {"condition_id": "second"}])
    assert refusal(server, precheck(True, spec=two))[2] == "non-object data shape requires exactly one condition"


def test_without_strict_validation_a_bare_value_still_needs_exactly_one_condition(ready):
    server = ready(ASSERTED + "[validation]\nstrict = false\nallow_permissive = true\n", schema={"type": "boolean"})
    [condition] = SPEC["conditions"]
    two = given(conditions=[condition, condition | {"condition_id": "second"}])

    assert refusal(server, precheck(True, spec=two))[2] == "payload must be an object keyed by condition ids"


def test_a_shape_that_gives_a_condition_another_type_is_refused(ready):
    server = ready(schema={"type": "object", "properties": {"window_open": {"type": "integer"}}})

    assert refusal(server, precheck({"window_open": 1}))[2] == (
        'condition window_open expected value invalid: true is not of type "integer"'
    )


def test_nothing_is_kept_and_no_provider_is_asked(ready):
    server = ready()
    before = dict(server.meter.table.applied)

    server.call("precheck", precheck({"window_open": True}))

    new = [key for key in server.meter.table.applied if key not in before]
    assert len(new) == 1
    assert "tool_calls" in new[0]


def typed(**changes):
    """Return the request as it is hashed: every member, absent ones as null."""
    return {"spec": None, "stage_id": None} | precheck({"window_open": True}) | changes


def test_the_audit_holds_hashes_of_both_sides_and_no_payload(ready):
    server = ready()
    answer = server.call("precheck", precheck({"window_open": True}))

    [event] = server.sink.named("precheck_audit")

    assert list(event.members)[:3] == ["timestamp_ms", "unsafe_client_correlation_id", "server_correlation_id"]
    assert dict(list(event.members.items())[3:]) == {
        "tenant_id": "7",
        "namespace_id": "12",
        "scenario_id": "ship-it",
        "stage_id": None,
        "schema_id": "deploy-facts",
        "schema_version": "2",
        "request_hash": {"algorithm": "sha256", "value": hash_json(typed())},
        "response_hash": {"algorithm": "sha256", "value": hash_json(answer)},
        "request": None,
        "response": None,
        "redaction": "hash_only",
    }


def test_the_audit_holds_both_sides_only_when_told_to(ready):
    server = ready("[server.audit]\nlog_precheck_payloads = true\n" + ASSERTED)
    answer = server.call("precheck", precheck({"window_open": True}))

    [event] = server.sink.named("precheck_audit")

    assert (event.members["request"], event.members["response"], event.members["redaction"]) == (
        typed(),
        answer,
        "payload",
    )


def test_a_refused_precheck_leaves_no_event_of_its_own(ready):
    server = ready()
    refusal(server, precheck({}))

    assert server.sink.named("precheck_audit") == []


def test_a_stage_without_gates_is_complete_and_a_named_stage_is_judged(ready):
    spec = given()
    first = spec["stages"][0]
    spec["stages"] = [
        first | {"advance_to": {"kind": "linear"}},
        first | {"stage_id": "end", "gates": [], "entry_packets": []},
    ]
    server = ready()

    assert server.call("precheck", precheck({"window_open": True}, spec=spec))["decision"] == {
        "kind": "advance",
        "from_stage": "verify",
        "to_stage": "end",
        "timeout": False,
    }
    ended = server.call("precheck", precheck({"window_open": True}, spec=spec, stage_id="end"))
    assert ended == {"decision": {"kind": "complete", "stage_id": "end"}, "gate_evaluations": []}
