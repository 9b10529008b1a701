"""The published contracts (contract §7.1, §7.5)."""

import jsonschema
import pytest

from decision_gate.core.comparators import Comparator
from decision_gate.mcp.evidence.contract import BUILTIN_CONTRACTS, builtin_contract
from decision_gate.mcp.evidence.errors import UnknownBuiltinProviderError

EQUAL = ["equals", "not_equals"]
ORDER = ["greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal"]
EXIST = ["exists", "not_exists"]
TRIGGER_TIME = ["trigger_time_unix_millis", "trigger_time_logical"]
JSON = ["application/json"]

# check: determinism, params required, required params, other params, result schema, comparators, anchors, content types
TABLE = {
    "time.now": (
        "time_dependent",
        False,
        [],
        [],
        {"type": "integer"},
        [*EQUAL, *ORDER, "in_set", *EXIST],
        TRIGGER_TIME,
        JSON,
    ),
    "time.after": (
        "time_dependent",
        True,
        ["timestamp"],
        [],
        {"type": "boolean"},
        [*EQUAL, "in_set", *EXIST],
        TRIGGER_TIME,
        JSON,
    ),
    "time.before": (
        "time_dependent",
        True,
        ["timestamp"],
        [],
        {"type": "boolean"},
        [*EQUAL, "in_set", *EXIST],
        TRIGGER_TIME,
        JSON,
    ),
    "env.get": (
        "external",
        True,
        ["key"],
        [],
        {"oneOf": [{"type": "string"}, {"type": "null"}]},
        [*EQUAL, "contains", "in_set", *EXIST],
        ["env"],
        ["text/plain"],
    ),
    "json.path": (
        "external",
        True,
        ["file"],
        ["jsonpath"],
        {"x-decision-gate": {"dynamic_type": True}},
        [comparator.value for comparator in Comparator],
        ["file_path_rooted"],
        ["application/json", "application/yaml"],
    ),
    "http.status": (
        "external",
        True,
        ["url"],
        [],
        {"type": "integer"},
        [*EQUAL, *ORDER, "in_set", *EXIST],
        ["url"],
        JSON,
    ),
    "http.body_hash": (
        "external",
        True,
        ["url"],
        [],
        {
            "type": "object",
            "properties": {"algorithm": {"type": "string", "enum": ["sha256"]}, "value": {"type": "string"}},
            "additionalProperties": False,
            "required": ["algorithm", "value"],
        },
        EXIST,
        ["url"],
        JSON,
    ),
}
REFERENCE = ("time", "env", "json", "http")
CHECKS = [
    (f"{provider_id}.{check['check_id']}", check)
    for provider_id in REFERENCE
    for check in builtin_contract(provider_id)["checks"]
]


def without_descriptions(schema):
    if isinstance(schema, dict):
        return {name: without_descriptions(inner) for name, inner in schema.items() if name != "description"}
    return [without_descriptions(inner) for inner in schema] if isinstance(schema, list) else schema


def test_contracts_are_those_of_the_reference_and_our_own():
    assert (*REFERENCE, "report") == BUILTIN_CONTRACTS


def test_every_check_of_the_table_is_published_and_no_other():
    assert [name for name, _check in CHECKS] == list(TABLE)


@pytest.mark.parametrize(("name", "check"), CHECKS, ids=list(TABLE))
def test_a_check_is_published_as_the_table_says(name, check):
    schema = check["params_schema"]
    required = schema.get("required", [])

    assert (
        check["determinism"],
        check["params_required"],
        required,
        [param for param in schema["properties"] if param not in required],
        without_descriptions(check["result_schema"]),
        check["allowed_comparators"],
        check["anchor_types"],
        check["content_types"],
    ) == TABLE[name]
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)


@pytest.mark.parametrize(("name", "check"), CHECKS, ids=list(TABLE))
def test_examples_satisfy_their_own_schemas(name, check):
    del name
    jsonschema.Draft202012Validator.check_schema(check["params_schema"])
    jsonschema.Draft202012Validator.check_schema(check["result_schema"])

    assert check["examples"]
    for example in check["examples"]:
        jsonschema.validate(example["params"], check["params_schema"])
        jsonschema.validate(example["result"], check["result_schema"])


@pytest.mark.parametrize(("name", "check"), CHECKS, ids=list(TABLE))
def test_comparators_stand_in_canonical_order(name, check):
    del name
    order = [comparator.value for comparator in Comparator]

    assert sorted(check["allowed_comparators"], key=order.index) == check["allowed_comparators"]


@pytest.mark.parametrize(
    ("provider_id", "name", "required", "optional"),
    [
        ("time", "Time Provider", [], {"allow_logical": True}),
        (
            "env",
            "Environment Provider",
            [],
            {"allowlist": None, "denylist": [], "max_value_bytes": 65536, "max_key_bytes": 255, "overrides": None},
        ),
        ("json", "JSON Provider", ["root", "root_id"], {"max_bytes": 1048576, "allow_yaml": True}),
        (
            "http",
            "HTTP Provider",
            [],
            {
                "allow_http": False,
                "timeout_ms": 5000,
                "max_response_bytes": 1048576,
                "allowed_hosts": None,
                "user_agent": "decision-gate/0.1",
                "hash_algorithm": "sha256",
            },
        ),
    ],
)
def test_a_contract_names_its_provider_and_its_settings(provider_id, name, required, optional):
    contract = builtin_contract(provider_id)
    schema = contract["config_schema"]

    assert list(contract) == [
        "provider_id",
        "name",
        "description",
        "transport",
        "config_schema",
        "checks",
        "notes",
    ]
    assert (contract["provider_id"], contract["name"], contract["transport"]) == (provider_id, name, "builtin")
    assert (schema.get("required", []), schema["additionalProperties"]) == (required, False)
    defaults = {key: inner.get("default") for key, inner in schema["properties"].items() if key not in required}
    assert defaults == optional


def test_each_reader_gets_a_copy():
    builtin_contract("time")["notes"] = []

    assert builtin_contract("time")["notes"] != []


def test_an_unknown_provider_has_no_contract():
    with pytest.raises(UnknownBuiltinProviderError) as caught:
        builtin_contract("../time")

    assert (caught.value.code, str(caught.value)) == ("unknown_builtin_provider", "unknown builtin provider: ../time")
