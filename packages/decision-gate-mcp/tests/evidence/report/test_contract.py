"""The published contract of the ``report`` provider: what it says is what the provider does."""

import attrs
import jsonschema
import pytest

from decision_gate.core.comparators import Comparator
from decision_gate.core.model import ConditionSpec, EvidenceQuery
from decision_gate.mcp.config.table import table_schema
from decision_gate.mcp.evidence.capability_contract import BUILTIN, ContractSource, read_contract
from decision_gate.mcp.evidence.contract import builtin_contract
from decision_gate.mcp.evidence.report.checks import CHECKS
from decision_gate.mcp.evidence.report.errors import ReportParamsError
from decision_gate.mcp.evidence.report.question import read_question
from decision_gate.mcp.evidence.report.readers.by_format import READERS
from decision_gate.mcp.evidence.report_provider import ReportSettings
from decision_gate.mcp.validation.capabilities import CapabilityRule
from decision_gate.mcp.validation.strict import StrictRule

CONTRACT = builtin_contract("report")
PUBLISHED = {check["check_id"]: check for check in CONTRACT["checks"]}
NUMERIC = ["equals", "not_equals", "greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal", "in_set"]
# What strict validation allows for a class of values (contract §6.2).
ALLOWED = {
    "integer": [*NUMERIC, "exists", "not_exists"],
    "number": [*NUMERIC, "exists", "not_exists"],
    "enum": ["equals", "not_equals", "in_set", "exists", "not_exists"],
    "date-time": [*NUMERIC, "exists", "not_exists"],
    "array": ["contains", "deep_equals", "deep_not_equals", "exists", "not_exists"],
    "object": ["deep_equals", "deep_not_equals", "exists", "not_exists"],
}


def value_class(schema):
    return "enum" if "enum" in schema else schema.get("format", schema["type"])


def is_accepted(params, check_id):
    try:
        read_question(params, CHECKS[check_id])
    except ReportParamsError:
        return False
    return True


def test_every_check_is_published_in_its_order():
    assert list(PUBLISHED) == list(CHECKS)


@pytest.mark.parametrize("check_id", CHECKS)
def test_a_check_publishes_its_filters_and_the_formats(check_id):
    schema = PUBLISHED[check_id]["params_schema"]

    assert list(schema["properties"]) == ["file", "files", "format", *CHECKS[check_id].filters]
    assert schema["properties"]["format"]["enum"] == list(READERS)
    assert (schema["additionalProperties"], PUBLISHED[check_id]["params_required"]) == (False, True)


@pytest.mark.parametrize("check_id", CHECKS)
def test_a_check_allows_what_strict_validation_allows_for_its_values(check_id):
    check = PUBLISHED[check_id]

    assert check["allowed_comparators"] == ALLOWED[value_class(check["result_schema"])]
    order = [comparator.value for comparator in Comparator]
    assert sorted(check["allowed_comparators"], key=order.index) == check["allowed_comparators"]
    assert check["anchor_types"] == ["file_path_rooted", "file_set_rooted"]
    assert (check["determinism"], check["content_types"]) == ("external", ["application/json"])


@pytest.mark.parametrize("check_id", CHECKS)
def test_examples_satisfy_their_own_schemas(check_id):
    check = PUBLISHED[check_id]
    for example in check["examples"]:
        jsonschema.validate(example["params"], check["params_schema"])
        jsonschema.validate(example["result"], check["result_schema"])
        assert is_accepted(example["params"], check_id)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"file": "a", "files": "b"},
        {"file": "a"},
        {"files": "**/*.xml"},
        {"files": ["a", "b"]},
        {"files": []},
        {"files": [1]},
        {"files": None},
        {"file": 1},
        {"file": "a", "format": "junit"},
        {"file": "a", "format": "xml"},
        {"file": "a", "format": None},
        {"file": "a", "other": 1},
        *({"file": "a", name: "a*"} for name in ("suite", "name", "path", "rule", "license", "type")),
        {"file": "a", "name": 1},
        {"file": "a", "severity_at_least": "high"},
        {"file": "a", "severity_at_least": "moderate"},
        {"file": "a", "include_suppressed": True},
        {"file": "a", "include_suppressed": "true"},
        {"file": "a", "baseline_state": "new"},
        {"file": "a", "baseline_state": "absent"},
    ],
)
def test_the_provider_takes_exactly_the_params_that_the_schema_takes(params):
    for check_id, check in PUBLISHED.items():
        validator = jsonschema.Draft202012Validator(check["params_schema"])
        assert is_accepted(params, check_id) == validator.is_valid(params), check_id


def test_the_settings_are_those_of_the_class():
    published = CONTRACT["config_schema"]["properties"]
    own = table_schema(ReportSettings)["properties"]

    assert list(published) == [field.name for field in attrs.fields(ReportSettings)]
    assert {name: schema["description"] for name, schema in published.items()} == {
        name: schema["description"]
        .replace(", instead of its path", "")
        .replace("in references", "in evidence references")
        for name, schema in own.items()
    }
    assert (published["max_bytes"]["default"], CONTRACT["config_schema"]["required"]) == (16777216, ["root", "root_id"])


def test_the_contract_tells_that_times_are_claims():
    assert any("claim" in note for note in CONTRACT["notes"])


@pytest.mark.parametrize("check_id", CHECKS)
def test_what_the_contract_allows_passes_validation_too(check_id):
    """Deep comparisons also need the opt-in that contract §6.4 asks for everywhere."""
    contract = read_contract(CONTRACT, "report", transport=BUILTIN, origin="report", source=ContractSource.BUILTIN)
    capabilities = CapabilityRule(contracts={"report": contract}, is_registered=lambda _query: False)
    (example,) = PUBLISHED[check_id]["examples"]
    for name in PUBLISHED[check_id]["allowed_comparators"]:
        expected = {"in_set": [example["result"]], "exists": None, "not_exists": None}.get(name, example["result"])
        condition = ConditionSpec(
            condition_id="c",
            query=EvidenceQuery(provider_id="report", check_id=check_id, params=example["params"]),
            comparator=Comparator(name),
            expected=expected,
            policy_tags=(),
        )
        check = capabilities.check_condition(condition)
        if not name.startswith("deep_"):
            StrictRule().check(condition, check.result_schema)
