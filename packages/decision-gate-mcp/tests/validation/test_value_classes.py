"""From schemas to classes: every rule and every text of contract §6.3."""

import pytest

from decision_gate.mcp.validation.allowance import ValueClass
from decision_gate.mcp.validation.errors import SchemaClassError
from decision_gate.mcp.validation.value_classes import classes_of

STRING = {"type": "string"}
NULL = {"type": "null"}
SCALARS = {ValueClass.ARRAY_SCALAR}
COMPLEX = {ValueClass.ARRAY_COMPLEX}

KNOWN = [
    ({"type": "boolean"}, {ValueClass.BOOLEAN}),
    ({"type": "integer"}, {ValueClass.INTEGER}),
    ({"type": "number"}, {ValueClass.NUMBER}),
    (STRING, {ValueClass.STRING}),
    ({"type": "object"}, {ValueClass.OBJECT}),
    (NULL, {ValueClass.NULL}),
    ({"type": "string", "format": "date"}, {ValueClass.DATE}),
    ({"type": "string", "format": "date-time"}, {ValueClass.DATE_TIME}),
    ({"type": "string", "format": "uuid"}, {ValueClass.UUID}),
    ({"type": "string", "format": "email"}, {ValueClass.STRING}),
    ({"type": "string", "format": 5}, {ValueClass.STRING}),
    ({"type": "integer", "format": "date"}, {ValueClass.INTEGER}),
    ({"type": ["string"]}, {ValueClass.STRING}),
    ({"type": ["string", "null"]}, {ValueClass.STRING}),
    ({"type": ["integer", "string"]}, {ValueClass.INTEGER, ValueClass.STRING}),
    ({"type": ["null"]}, {ValueClass.NULL}),
    ({"enum": ["a", "b"]}, {ValueClass.ENUM}),
    ({"enum": [1, 2.5]}, {ValueClass.ENUM}),
    ({"enum": [True]}, {ValueClass.ENUM}),
    ({"enum": [None]}, {ValueClass.NULL}),
    ({"enum": ["a"], "type": "integer"}, {ValueClass.ENUM}),
    ({"enum": "a", "type": "integer"}, {ValueClass.INTEGER}),
    ({"x-decision-gate": {"dynamic_type": True}}, {ValueClass.DYNAMIC}),
    ({"x-decision-gate": {"dynamic_type": True}, "enum": [], "type": "nonsense"}, {ValueClass.DYNAMIC}),
    ({"x-decision-gate": {"dynamic_type": False}, "type": "string"}, {ValueClass.STRING}),
    ({"x-decision-gate": {}, "type": "string"}, {ValueClass.STRING}),
    ({"type": "array"}, COMPLEX),
    ({"type": "array", "items": STRING}, SCALARS),
    ({"type": "array", "items": {"type": ["string", "integer"]}}, SCALARS),
    ({"type": "array", "items": {"enum": ["a"]}}, SCALARS),
    ({"type": "array", "items": NULL}, SCALARS),
    ({"type": "array", "items": {"type": "string", "format": "uuid"}}, SCALARS),
    ({"type": "array", "items": {"type": "object"}}, COMPLEX),
    ({"type": "array", "items": {"type": "array", "items": STRING}}, COMPLEX),
    ({"type": "array", "items": {"type": ["string", "object"]}}, COMPLEX),
    ({"type": "array", "items": {"x-decision-gate": {"dynamic_type": True}}}, COMPLEX),
    ({"type": "array", "items": True}, COMPLEX),
    ({"type": "array", "items": {}}, COMPLEX),
    ({"type": "array", "items": {"type": "nonsense"}}, COMPLEX),
    ({"type": "array", "items": {"oneOf": [STRING, {"type": "integer"}]}}, COMPLEX),
    ({"oneOf": [STRING, NULL]}, {ValueClass.STRING}),
    ({"oneOf": [STRING, {"type": ["null"]}, {"enum": [None]}]}, {ValueClass.STRING}),
    ({"anyOf": [STRING, {"type": "integer"}]}, {ValueClass.STRING, ValueClass.INTEGER}),
    ({"oneOf": [NULL, {"enum": [None]}]}, {ValueClass.NULL}),
    ({"oneOf": [STRING], "anyOf": [{"type": "integer"}]}, {ValueClass.STRING}),
    ({"oneOf": "nonsense", "anyOf": [{"type": "integer"}]}, {ValueClass.INTEGER}),
    ({"oneOf": [{"anyOf": [STRING, NULL]}, {"type": "boolean"}]}, {ValueClass.STRING, ValueClass.BOOLEAN}),
    ({"oneOf": [STRING], "x-decision-gate": {"dynamic_type": True}}, {ValueClass.STRING}),
    ({"oneOf": [STRING], "enum": [], "type": "nonsense"}, {ValueClass.STRING}),
]

UNKNOWN = [
    ({}, "schema missing type declaration"),
    (True, "schema missing type declaration"),
    (False, "schema missing type declaration"),
    (5, "schema missing type declaration"),
    ({"const": 1}, "schema missing type declaration"),
    ({"$ref": "#/$defs/a"}, "schema missing type declaration"),
    ({"allOf": [STRING]}, "schema missing type declaration"),
    ({"not": STRING}, "schema missing type declaration"),
    ({"x-decision-gate": True}, "x-decision-gate must be an object"),
    ({"x-decision-gate": None, "type": "string"}, "x-decision-gate must be an object"),
    ({"x-decision-gate": {"dynamic_type": "yes"}}, "x-decision-gate.dynamic_type must be boolean"),
    ({"enum": []}, "enum must contain at least one value"),
    ({"enum": [[]]}, "enum values must be scalar types"),
    ({"enum": ["a", {}]}, "enum values must be scalar types"),
    ({"enum": ["a", None]}, "enum values must share the same scalar type"),
    ({"enum": ["a", 1]}, "enum values must share the same scalar type"),
    ({"enum": [True, 1]}, "enum values must share the same scalar type"),
    ({"type": ["string", 1]}, "schema type array must contain strings"),
    ({"type": []}, "schema type array must not be empty"),
    ({"type": 5}, "schema type must be string or array"),
    ({"type": None}, "schema type must be string or array"),
    ({"type": {}}, "schema type must be string or array"),
    ({"type": "text"}, "unsupported schema type: text"),
    ({"type": ["string", "text"]}, "unsupported schema type: text"),
    ({"oneOf": []}, "schema union must have at least one option"),
    ({"anyOf": []}, "schema union must have at least one option"),
    ({"oneOf": [STRING, {"enum": []}]}, "enum must contain at least one value"),
    ({"oneOf": [STRING, {"type": []}]}, "schema type array must not be empty"),
    ({"oneOf": [STRING, {}]}, "schema missing type declaration"),
    ({"oneOf": [STRING, True]}, "schema missing type declaration"),
]


@pytest.mark.parametrize(("schema", "classes"), KNOWN)
def test_a_schema_has_the_classes_of_the_contract(schema, classes):
    assert classes_of(schema) == classes


@pytest.mark.parametrize(("schema", "text"), UNKNOWN)
def test_a_schema_whose_type_cannot_be_told_is_refused_with_the_reason(schema, text):
    with pytest.raises(SchemaClassError) as refused:
        classes_of(schema)

    assert str(refused.value) == text
