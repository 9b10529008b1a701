"""Which part of a data shape is the schema of which condition (contract §6.6); precheck only."""

from collections.abc import Sequence

from decision_gate.core.json import JsonValue
from decision_gate.core.model import ScenarioSpec
from decision_gate.mcp.validation.errors import SchemaClassError
from decision_gate.mcp.validation.strict import StrictRule
from decision_gate.mcp.validation.value_classes import UNIONS, without_null


def check_shape(rule: StrictRule, spec: ScenarioSpec, shape: JsonValue) -> None:
    """Hold every condition of a scenario, not only those of one stage, against every variant of a data shape.

    Raises:
        StrictValidationError: A condition has no place in the shape, or its comparator cannot apply there.
        InvalidSchemaError: Its place is no schema by itself.
    """
    variants = _variants(shape)
    for condition in spec.conditions:
        for variant in variants:
            place = _place(variant, condition.condition_id, is_only=len(spec.conditions) == 1)
            rule.check(condition, place)


def _variants(shape: JsonValue) -> Sequence[JsonValue]:
    if not isinstance(shape, dict):
        return [shape]
    unions = [keyword for keyword in UNIONS if isinstance(shape.get(keyword), list)]
    if not unions:
        return [shape]
    if len(unions) > 1:
        raise SchemaClassError("schema cannot define both oneOf and anyOf")
    options = shape[unions[0]]
    if not isinstance(options, list) or not options:
        raise SchemaClassError(f"schema {unions[0]} must contain at least one option")
    return without_null(options)


def _place(variant: JsonValue, condition_id: str, *, is_only: bool) -> JsonValue:
    if not isinstance(variant, dict) or not _is_object_like(variant):
        if not is_only:
            raise SchemaClassError("non-object data shape requires exactly one condition")
        return variant
    properties = variant.get("properties")
    if isinstance(properties, dict) and condition_id in properties:
        return properties[condition_id]
    match variant.get("additionalProperties"):
        case dict() as schema:
            return schema
        case True:
            raise SchemaClassError(f"schema allows untyped additionalProperties for condition {condition_id}")
        case _:
            raise SchemaClassError(f"condition {condition_id} missing from data shape schema")


def _is_object_like(variant: dict[str, JsonValue]) -> bool:
    match variant.get("type"):
        case str(name):
            return name == "object"
        case list() as names:
            return "object" in names
        case None:
            return "properties" in variant
        case _:
            return False
