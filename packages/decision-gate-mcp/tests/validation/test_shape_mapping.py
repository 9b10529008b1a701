"""Which part of a data shape belongs to which condition (contract §6.6)."""

import copy

import pytest

from decision_gate.core.codec import decode
from decision_gate.core.model import ScenarioSpec
from decision_gate.mcp.testing.calls import SPEC
from decision_gate.mcp.validation import StrictRule, StrictValidationError
from decision_gate.mcp.validation.shape_mapping import check_shape

BOOLEAN = {"type": "boolean"}
NULL = {"type": "null"}


def shaped(*schemas):
    return {"type": "object", "properties": dict(zip(("a", "b"), schemas, strict=False))}


MISSING = "condition b missing from data shape schema"
UNTYPED = "schema allows untyped additionalProperties for condition b"
NO_OBJECT = "non-object data shape requires exactly one condition"

# conditions (all `equals true`), shape, what is said
CASES = [
    ("ab", shaped(BOOLEAN, BOOLEAN), None),
    ("a", shaped(BOOLEAN), None),
    ("ab", shaped(BOOLEAN), MISSING),
    ("ab", {**shaped(BOOLEAN), "additionalProperties": False}, MISSING),
    ("ab", {**shaped(BOOLEAN), "additionalProperties": True}, UNTYPED),
    ("ab", {**shaped(BOOLEAN), "additionalProperties": BOOLEAN}, None),
    ("ab", {"properties": {"a": BOOLEAN, "b": BOOLEAN}}, None),
    ("ab", {"type": ["object", "null"], "properties": {"a": BOOLEAN, "b": BOOLEAN}}, None),
    ("ab", {"type": "object"}, "condition a missing from data shape schema"),
    ("a", BOOLEAN, None),
    ("ab", BOOLEAN, NO_OBJECT),
    ("ab", True, NO_OBJECT),
    ("a", True, "schema missing type declaration"),
    ("ab", {}, NO_OBJECT),
    ("ab", {"type": "array", "properties": {"a": BOOLEAN, "b": BOOLEAN}}, NO_OBJECT),
    ("ab", shaped(BOOLEAN, {"type": "integer"}), 'condition b expected value invalid: true is not of type "integer"'),
    ("ab", shaped(BOOLEAN, {}), "schema missing type declaration"),
    ("ab", {"oneOf": [shaped(BOOLEAN, BOOLEAN), NULL]}, None),
    ("ab", {"anyOf": [shaped(BOOLEAN, BOOLEAN), shaped(BOOLEAN)]}, MISSING),
    ("ab", {"oneOf": [shaped(BOOLEAN, BOOLEAN)], "anyOf": [True]}, "schema cannot define both oneOf and anyOf"),
    ("ab", {"oneOf": []}, "schema oneOf must contain at least one option"),
    ("ab", {"anyOf": []}, "schema anyOf must contain at least one option"),
    ("a", {"oneOf": [BOOLEAN, NULL]}, None),
    ("a", {"oneOf": [NULL, {"enum": [None]}]}, 'condition a expected value invalid: true is not of type "null"'),
    ("", BOOLEAN, None),
]


def scenario(names):
    [condition] = SPEC["conditions"]
    spec = copy.deepcopy(SPEC) | {"conditions": [condition | {"condition_id": name} for name in names]}
    return decode(ScenarioSpec, spec)


@pytest.mark.parametrize(("names", "shape", "text"), CASES)
def test_every_condition_has_its_place_or_the_shape_is_refused(names, shape, text):
    said = None
    try:
        check_shape(StrictRule(), scenario(names), shape)
    except StrictValidationError as refused:
        said = str(refused)

    assert said == text
