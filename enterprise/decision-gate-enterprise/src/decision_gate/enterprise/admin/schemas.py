"""JSON Schema of the requests of use cases, from the very classes that read them."""

import enum
import types
import typing
from typing import Any

import attrs

from decision_gate.core.integers import IntRange
from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.use_case import UseCase


def request_schema(use_case: UseCase) -> dict[str, JsonValue]:
    """Return the closed object schema of what a use case takes."""
    fields = attrs.fields(use_case.request)
    hints = typing.get_type_hints(use_case.request, include_extras=True)
    required: list[JsonValue] = [field.name for field in fields if field.default is attrs.NOTHING]
    properties: dict[str, JsonValue] = {field.name: _described(hints[field.name], field.default) for field in fields}
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def field_schema(use_case: UseCase, name: str) -> dict[str, JsonValue]:
    """Return the schema of one member of what a use case takes."""
    properties = request_schema(use_case)["properties"]
    found = properties[name] if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else {}


def _described(kind: Any, default: object) -> dict[str, JsonValue]:  # noqa: ANN401 - a type form
    schema = type_schema(kind)
    if default is attrs.NOTHING:  # an enum, like some defaults
        return schema
    match default:
        case enum.Enum():
            return {**schema, "default": str(default.value)}
        case bool() | int() | str():
            return {**schema, "default": default}
        case _:
            return schema


def type_schema(kind: Any) -> dict[str, JsonValue]:  # noqa: ANN401 - a type form
    """Return the schema of the type of a field."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        [inner] = [part for part in parts if part is not type(None)]
        return type_schema(inner)
    if origin is typing.Annotated:
        [allowed] = [part for part in parts[1:] if isinstance(part, IntRange)]
        return {"type": "integer", "minimum": allowed.smallest, "maximum": allowed.largest}
    if origin is tuple:
        return {"type": "array", "items": type_schema(parts[0])}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"type": "string", "enum": [str(member.value) for member in kind]}
    return {"type": "boolean"} if kind is bool else {"type": "string"}
