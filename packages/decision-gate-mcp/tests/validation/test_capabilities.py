"""Every row of the capability table, on the wire (contract §7.4)."""

import copy

import pytest

from decision_gate.core.memory import SequentialCollector
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import SPEC, define, evidence, precheck, shape

CONFIG = """
[[providers]]
name = "time"
type = "builtin"
[[providers]]
name = "env"
type = "builtin"
[[providers]]
name = "http"
type = "builtin"
[schema_registry.acl]
allow_local_only = true
"""

UNEXPECTED = "Additional properties are not allowed ('k' was unexpected)"
WRONG_NOW = "check expected value invalid for time.now: "

# query, comparator, expected, what is said
QUERIES = [
    (("ghost", "k", None), "provider_missing: provider not registered: ghost"),
    (("time", "noon", None), "check_missing: check not supported: time.noon"),
    (("time", "after", None), "params_missing: check params required for time.after"),
    (
        ("time", "after", {}),
        'params_invalid: check params invalid for time.after: time.after: "timestamp" is a required property',
    ),
    (
        ("env", "get", {"key": 1, "k": 2}),
        f'params_invalid: check params invalid for env.get: env.get: 1 is not of type "string"; {UNEXPECTED}',
    ),
    (
        ("time", "now", {"k": 1}),
        f"params_invalid: check params invalid for time.now: time.now: {UNEXPECTED}",
    ),
    (
        ("time", "now", 5),
        'params_invalid: check params invalid for time.now: time.now: 5 is not of type "object"',
    ),
]
CONDITIONS = [
    (
        ("time", "now", None, "exists", 1),
        f"expected_invalid: {WRONG_NOW}expected value must be omitted for exists/not_exists",
    ),
    (
        ("time", "now", None, "in_set", 1),
        "expected_invalid: check expected value invalid for time.now: expected array required for in_set comparator",
    ),
    (
        ("time", "now", None, "equals", None),
        "expected_invalid: check expected value invalid for time.now: expected value required for comparator",
    ),
    (
        ("time", "now", None, "equals", "x"),
        'expected_invalid: check expected value invalid for time.now: time.now: "x" is not of type "integer"',
    ),
    (
        ("time", "now", None, "in_set", [1, "x", "y"]),
        'expected_invalid: check expected value invalid for time.now: time.now: "x" is not of type "integer"',
    ),
    (
        ("time", "now", None, "contains", 1),
        "comparator_not_allowed: comparator not allowed for time.now: contains",
    ),
    (
        ("time", "now", None, "contains", "x"),
        'expected_invalid: check expected value invalid for time.now: time.now: "x" is not of type "integer"',
    ),
    (
        ("http", "body_hash", {"url": "https://a.example/"}, "deep_equals", {"algorithm": "sha256", "value": "0"}),
        "comparator_not_allowed: comparator not allowed for http.body_hash: deep_equals",
    ),
]


def asked(provider, check, params, comparator="equals", expected=True):  # noqa: FBT002 - an expected value

    query = {"provider_id": provider, "check_id": check, "params": params}
    [condition] = copy.deepcopy(SPEC["conditions"])
    return define(conditions=[condition | {"query": query, "comparator": comparator, "expected": expected}])


def refusal(server, tool, arguments):
    with pytest.raises(RpcError) as refused:
        server.call(tool, arguments)
    return refused.value.code, refused.value.status, refused.value.message


@pytest.fixture(scope="module")
def server():
    with open_test_server(CONFIG) as opened:
        opened.call("schemas_register", shape())
        yield opened


@pytest.mark.parametrize(("query", "text"), QUERIES)
def test_a_query_that_no_contract_offers_is_refused_everywhere(server, query, text):
    provider, check, params = query
    probe = evidence(provider, check)
    probe["query"]["params"] = params
    spec = asked(*query)["spec"]

    assert refusal(server, "scenario_define", {"spec": spec}) == (-32602, 400, text)
    assert refusal(server, "evidence_query", probe) == (-32602, 400, text)
    given = precheck({"window_open": True}, scenario_id=None, spec=spec)
    assert refusal(server, "precheck", given) == (-32602, 400, text)


@pytest.mark.parametrize(("condition", "text"), CONDITIONS)
def test_a_condition_that_no_contract_offers_is_refused(server, condition, text):
    spec = asked(*condition)["spec"]

    assert refusal(server, "scenario_define", {"spec": spec}) == (-32602, 400, text)
    given = precheck({"window_open": True}, scenario_id=None, spec=spec)
    assert refusal(server, "precheck", given) == (-32602, 400, text)


def test_the_order_is_taken_then_capability_then_comparator_then_structure(server):
    doubled = copy.deepcopy(SPEC["stages"]) * 2
    [condition] = copy.deepcopy(SPEC["conditions"])
    strict = condition | {"comparator": "in_set", "expected": [True]}
    ordering = copy.deepcopy(condition) | {"comparator": "greater_than", "expected": True}

    server.call("scenario_define", define(scenario_id="taken"))

    everything = define(scenario_id="taken", stages=doubled, conditions=[ordering])
    assert refusal(server, "scenario_define", everything)[2] == "scenario already defined"
    assert refusal(server, "scenario_define", define(stages=doubled, conditions=[ordering]))[2] == (
        "comparator_not_allowed: comparator not allowed for time.after: greater_than"
    )
    assert refusal(server, "scenario_define", define(stages=doubled, conditions=[strict]))[:2] == (-32030, 200)


def test_the_first_failing_condition_wins(server):
    [condition] = copy.deepcopy(SPEC["conditions"])
    conditions = [
        condition | {"condition_id": "a", "expected": None},
        condition | {"condition_id": "b", "query": {"provider_id": "ghost", "check_id": "k"}},
    ]

    assert refusal(server, "scenario_define", define(conditions=conditions))[2].startswith("expected_invalid: ")


def test_strict_validation_follows_and_can_be_switched_off(tmp_path):
    provider = f'[[providers]]\nname = "json"\ntype = "builtin"\nconfig = {{ root = "{tmp_path}", root_id = "r" }}\n'
    query = {"provider_id": "json", "check_id": "path", "params": {"file": "a.json"}}
    [condition] = copy.deepcopy(SPEC["conditions"])
    asking = define(conditions=[condition | {"query": query, "comparator": "deep_equals", "expected": {"a": 1}}])

    with open_test_server(provider) as strict:
        assert refusal(strict, "scenario_define", asking) == (
            -32602,
            400,
            "condition window_open comparator deep_equals is disabled by config",
        )
    with open_test_server(provider + "[validation]\nenable_deep_equals = true\n") as enabled:
        enabled.call("scenario_define", asking)
    with open_test_server(provider + "[validation]\nstrict = false\nallow_permissive = true\n") as permissive:
        permissive.call("scenario_define", asking)


def test_a_provider_without_a_contract_may_be_asked_anything_once_it_is_there():
    evidence_of = SequentialCollector({"scripted": None})
    with open_test_server("", Seams(evidence=evidence_of)) as server:
        server.call("scenario_define", asked("scripted", "any", {"x": 1}, "deep_equals", {"a": 1}))
        ghost = asked("ghost", "any", None)
        ghost["spec"]["scenario_id"] = "haunted"

        assert refusal(server, "scenario_define", ghost)[2] == "provider_missing: provider not registered: ghost"
