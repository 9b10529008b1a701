"""From a JSON Schema to the classes of values that comparators are judged by (contract §6.3).

Only ``oneOf``, ``anyOf``, ``x-decision-gate``, ``enum``, ``type``, ``format`` and ``items`` are understood; everything
else, a bare ``true`` included, is a schema without a declared type.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from decision_gate.core.json import JsonValue
from decision_gate.mcp.validation.allowance import ValueClass
from decision_gate.mcp.validation.errors import SchemaClassError

EXTENSION: Final = "x-decision-gate"
UNIONS: Final = ("oneOf", "anyOf")

Classes = frozenset[ValueClass]

_FORMATS: Final = {"date-time": ValueClass.DATE_TIME, "date": ValueClass.DATE, "uuid": ValueClass.UUID}
_NAMED: Final = {
    "boolean": ValueClass.BOOLEAN,
    "integer": ValueClass.INTEGER,
    "number": ValueClass.NUMBER,
    "object": ValueClass.OBJECT,
    "null": ValueClass.NULL,
}
_SCALARS: Final = frozenset(ValueClass) - {
    ValueClass.DYNAMIC,
    ValueClass.ARRAY_SCALAR,
    ValueClass.ARRAY_COMPLEX,
    ValueClass.OBJECT,
}
_NULL_ONLY: Final = frozenset({ValueClass.NULL})


def classes_of(schema: JsonValue) -> Classes:
    """Return the classes of a schema; a union has those of its alternatives without ``null``.

    Raises:
        SchemaClassError: They cannot be told.
    """
    if isinstance(schema, dict):
        for keyword in UNIONS:
            if isinstance(options := schema.get(keyword), list):
                return _union(options)
    return _plain(schema)


def without_null(options: Sequence[JsonValue]) -> list[JsonValue]:
    """Return the alternatives that are more than null, or all when none is (contract §6.3, union rule)."""
    return [option for option in options if not _is_null_only(option)] or list(options)


def extension_of(schema: JsonValue) -> Mapping[str, JsonValue]:
    """Return the ``x-decision-gate`` member, empty when absent. Raise ``SchemaClassError`` when it is no object."""
    if not isinstance(schema, dict) or EXTENSION not in schema:
        return {}
    extension = schema[EXTENSION]
    if not isinstance(extension, dict):
        raise SchemaClassError("x-decision-gate must be an object")
    return extension


def _union(options: Sequence[JsonValue]) -> Classes:
    kept = without_null(options)
    if not kept:
        raise SchemaClassError("schema union must have at least one option")
    return frozenset[ValueClass]().union(*(classes_of(option) for option in kept))


def _plain(schema: JsonValue) -> Classes:
    is_dynamic = extension_of(schema).get("dynamic_type", False)
    if not isinstance(is_dynamic, bool):
        raise SchemaClassError("x-decision-gate.dynamic_type must be boolean")
    if is_dynamic:
        return frozenset({ValueClass.DYNAMIC})
    if not isinstance(schema, dict):
        raise SchemaClassError("schema missing type declaration")
    if isinstance(values := schema.get("enum"), list):
        return _NULL_ONLY if _kind_of_enum(values) == "null" else frozenset({ValueClass.ENUM})
    if "type" not in schema:
        raise SchemaClassError("schema missing type declaration")
    names = _type_names(schema["type"])
    classes = frozenset(_named(name, schema) for name in names)
    return classes - _NULL_ONLY or classes


def _kind_of_enum(values: Sequence[JsonValue]) -> str:
    if not values:
        raise SchemaClassError("enum must contain at least one value")
    if any(isinstance(value, dict | list) for value in values):
        raise SchemaClassError("enum values must be scalar types")
    kinds = {_kind(value) for value in values}
    if len(kinds) > 1:
        raise SchemaClassError("enum values must share the same scalar type")
    return kinds.pop()


def _kind(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return "string"


def _type_names(declared: JsonValue) -> Sequence[str]:
    match declared:
        case str():
            return [declared]
        case []:
            raise SchemaClassError("schema type array must not be empty")
        case list():
            names = [name for name in declared if isinstance(name, str)]
            if len(names) != len(declared):
                raise SchemaClassError("schema type array must contain strings")
            return names
        case _:
            raise SchemaClassError("schema type must be string or array")


def _named(name: str, schema: Mapping[str, JsonValue]) -> ValueClass:
    if name == "string":
        form = schema.get("format")
        return _FORMATS.get(form, ValueClass.STRING) if isinstance(form, str) else ValueClass.STRING
    if name == "array":
        return _array(schema)
    found = _NAMED.get(name)
    if found is None:
        raise SchemaClassError(f"unsupported schema type: {name}")
    return found


def _array(schema: Mapping[str, JsonValue]) -> ValueClass:
    """Return the class of an array; items that cannot be told are complex, unions among them (contract §6.3)."""
    if "items" not in schema:
        return ValueClass.ARRAY_COMPLEX
    try:
        items = _plain(schema["items"])
    except SchemaClassError:
        return ValueClass.ARRAY_COMPLEX
    return ValueClass.ARRAY_SCALAR if items <= _SCALARS else ValueClass.ARRAY_COMPLEX


def _is_null_only(option: JsonValue) -> bool:
    if not isinstance(option, dict):
        return False
    if isinstance(values := option.get("enum"), list):
        return _kind_of_enum(values) == "null"
    match option.get("type"):
        case str(name):
            return name == "null"
        case list() as names:
            return set(_type_names(names)) == {"null"}
        case _:
            return False
