"""Overrides, expected values and the order of refusals (contract §6.4, §6.5, §6.7)."""

import pytest

from decision_gate.core.codec import decode
from decision_gate.core.model import ConditionSpec
from decision_gate.mcp.json_schema import InvalidSchemaError
from decision_gate.mcp.validation import StrictRule, StrictValidationError

LISTS = "x-decision-gate"
COMPARATORS = (
    "`equals`, `not_equals`, `greater_than`, `greater_than_or_equal`, `less_than`, `less_than_or_equal`,"
    " `lex_greater_than`, `lex_greater_than_or_equal`, `lex_less_than`, `lex_less_than_or_equal`, `contains`,"
    " `in_set`, `deep_equals`, `deep_not_equals`, `exists`, `not_exists`"
)


def listing(schema, listed):
    return {**schema, LISTS: {"allowed_comparators": listed}}


STRING = {"type": "string"}
INTEGER = {"type": "integer"}

# schema, comparator, expected, what is said with both switches off
CASES = [
    # the override of this schema object
    (
        listing(STRING, "equals"),
        "equals",
        "a",
        'allowed_comparators invalid: invalid type: string "equals", expected a sequence',
    ),
    (
        listing(STRING, ["same"]),
        "equals",
        "a",
        f"allowed_comparators invalid: unknown variant `same`, expected one of {COMPARATORS}",
    ),
    (listing(STRING, []), "equals", "a", "allowed_comparators must not be empty"),
    (
        listing(STRING, ["lex_less_than"]),
        "equals",
        "a",
        "allowed_comparators includes disabled comparator lex_less_than",
    ),
    (listing(STRING, ["deep_equals"]), "equals", "a", "allowed_comparators includes disabled comparator deep_equals"),
    (
        listing(STRING, ["less_than"]),
        "equals",
        "a",
        "allowed_comparators includes comparator less_than not valid for schema",
    ),
    (listing(STRING, ["contains"]), "equals", "a", "condition c comparator equals not in allowed_comparators"),
    (listing(STRING, ["contains", "equals"]), "equals", "a", None),
    ({LISTS: [], **STRING}, "equals", "a", "x-decision-gate must be an object"),
    ({"oneOf": [listing(STRING, ["equals"])]}, "contains", "a", None),
    (
        listing({"oneOf": [STRING, {"type": "null"}]}, ["equals"]),
        "contains",
        "a",
        "condition c comparator contains not in allowed_comparators",
    ),
    # the order: override, class, switch, class again
    (listing({}, ["equals"]), "lex_less_than", "a", "schema missing type declaration"),
    ({}, "lex_less_than", "a", "schema missing type declaration"),
    (INTEGER, "lex_less_than", 1, "condition c comparator lex_less_than is disabled by config"),
    (INTEGER, "contains", 1, "condition c comparator contains not allowed for schema type"),
    ({"type": "integer", "minimum": "x"}, "contains", 1, "condition c comparator contains not allowed for schema type"),
    # unions are judged by their strictest alternative
    ({"oneOf": [STRING, {"type": "null"}]}, "contains", "a", None),
    ({"oneOf": [STRING, INTEGER]}, "contains", "a", "condition c comparator contains not allowed for schema type"),
    ({"oneOf": [STRING, INTEGER]}, "less_than", 1, "condition c comparator less_than not allowed for schema type"),
    ({"anyOf": [INTEGER, {"type": "number"}]}, "less_than", 1.5, None),
    # expected values
    (STRING, "exists", "a", "condition c comparator exists does not accept expected values"),
    (STRING, "not_exists", 0, "condition c comparator not_exists does not accept expected values"),
    (STRING, "exists", None, None),
    (STRING, "equals", None, "condition c comparator equals requires expected value"),
    (STRING, "in_set", None, "condition c comparator in_set requires expected array"),
    (STRING, "in_set", "a", "condition c comparator in_set requires expected array"),
    (STRING, "in_set", [], None),
    (STRING, "in_set", ["a", "b"], None),
    (STRING, "in_set", ["a", 1, 2], 'condition c expected value invalid: 1 is not of type "string"'),
    (STRING, "equals", 1, 'condition c expected value invalid: 1 is not of type "string"'),
    (INTEGER, "less_than", "a", 'condition c expected value invalid: "a" is not of type "integer"'),
    (INTEGER, "less_than", 1.0, None),
    (
        {"type": "string", "pattern": "^a", "minLength": 3},
        "equals",
        "b",
        'condition c expected value invalid: "b" is shorter than 3 characters; "b" does not match "^a"',
    ),
    ({"enum": ["a", "b"]}, "equals", "c", 'condition c expected value invalid: "c" is not one of "a" or "b"'),
    (
        {"oneOf": [STRING, {"type": "null"}]},
        "equals",
        1,
        "condition c expected value invalid: 1 is not valid under any of the schemas listed in the 'oneOf' keyword",
    ),
    (
        {"type": "array", "items": STRING},
        "contains",
        "a",
        'condition c expected value invalid: "a" is not of type "array"',
    ),
    ({"type": "array", "items": STRING}, "contains", ["a"], None),
    ({"type": "string", "format": "date"}, "less_than", "someday", None),
]


def condition(comparator, expected):
    return decode(
        ConditionSpec,
        {
            "condition_id": "c",
            "query": {"provider_id": "p", "check_id": "k"},
            "comparator": comparator,
            "expected": expected,
            "policy_tags": [],
        },
    )


@pytest.mark.parametrize(("schema", "comparator", "expected", "text"), CASES)
def test_a_condition_is_accepted_or_refused_with_the_text_of_the_contract(schema, comparator, expected, text):
    said = None
    try:
        StrictRule().check(condition(comparator, expected), schema)
    except StrictValidationError as refused:
        said = str(refused)

    assert said == text


def test_a_schema_that_is_none_is_told_after_the_comparator():
    with pytest.raises(InvalidSchemaError) as refused:
        StrictRule().check(condition("equals", 1), {"type": "integer", "minimum": "x"})

    assert str(refused.value) == 'invalid schema: "x" is not of type "number"'
