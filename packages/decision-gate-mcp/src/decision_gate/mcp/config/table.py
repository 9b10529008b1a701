"""Read TOML tables into frozen classes: the same few lines for every table, so that no key can be missed.

A table class is an attrs class whose fields are made by ``key``. Unknown keys are refused everywhere and the
nearest known one is suggested (deviation X11); the reference ignores them, and a typo silently means the
default.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.config.errors import ConfigParseError
from decision_gate.mcp.config.kinds import Kind, SettingsOf, mismatch, nearest
from decision_gate.mcp.config.schema_rules import SchemaRule

_KIND = "decision_gate.kind"
_NAME = "decision_gate.name"
_MEANING = "decision_gate.meaning"

_T = TypeVar("_T")


def key(kind: Kind, meaning: str, *, default: Any = attrs.NOTHING, name: str | None = None) -> Any:  # noqa: ANN401 - attrs fields have the type of the annotation beside them
    """Declare one configuration key.

    Args:
        kind: How its value is read.
        meaning: One sentence for people who edit the file; it becomes the description in the JSON Schema.
        default: Value of an absent key; a key without default must be written.
        name: Spelling in the file where it differs from the attribute.
    """
    return attrs.field(default=default, metadata={_KIND: kind, _MEANING: meaning, _NAME: name})


@attrs.frozen
class Table:
    """A nested table, read into the frozen class ``of``."""

    of: type

    def read(self, value: object, path: str, settings_of: SettingsOf) -> object:
        """Decode the table; see ``read_table``."""
        if not isinstance(value, dict):
            raise mismatch(path, "a table", value)
        return read_table(self.of, value, path, settings_of)

    def schema(self) -> dict[str, JsonValue]:
        """Describe the closed object."""
        return table_schema(self.of)


@attrs.frozen
class NamedTables:
    """Tables of one class under names of the user's own."""

    of: type

    def read(self, value: object, path: str, settings_of: SettingsOf) -> Mapping[str, object]:
        """Decode each table; see ``read_table``."""
        if not isinstance(value, dict):
            raise mismatch(path, "a table", value)
        inner = Table(self.of)
        return {name: inner.read(table, f"{path}.{name}", settings_of) for name, table in value.items()}

    def schema(self) -> dict[str, JsonValue]:
        """Describe the open object of closed ones."""
        return {"type": "object", "additionalProperties": table_schema(self.of)}


@attrs.frozen(kw_only=True)
class Key:
    """A declared key, for those who describe a table rather than read one; ``default`` is none when it must be written.

    An absent key whose default is another table, a list or nothing says nothing about its value.
    """

    name: str
    attribute: str
    kind: Kind
    meaning: str
    is_required: bool
    default: object


def keys_of(of: type) -> tuple[Key, ...]:
    """Return the keys of a table class in the order in which they are declared."""
    return tuple(
        Key(
            name=_file_name(field),
            attribute=field.name,
            kind=field.metadata[_KIND],
            meaning=field.metadata[_MEANING],
            is_required=field.default is attrs.NOTHING,
            default=None if field.default is attrs.NOTHING else field.default,
        )
        for field in attrs.fields(of)
    )


def rules_of(of: type) -> tuple[SchemaRule, ...]:
    """Return what a table class says about its keys together: its ``RULES``, if it has any."""
    rules: tuple[SchemaRule, ...] = getattr(of, "RULES", ())
    return rules


def read_table(of: type[_T], table: Mapping[str, object], path: str, settings_of: SettingsOf) -> _T:
    """Decode a table into the class ``of``, whose fields were declared by ``key``.

    Args:
        of: Frozen class of the table.
        table: What the TOML parser found.
        path: Dotted name of the table, empty for the file itself.
        settings_of: Finds the settings class of a pluggable table's chosen offer.

    Raises:
        ConfigParseError: A key is unknown, missing or of the wrong type. Only the first mistake is reported.
    """
    fields = {_file_name(field): field for field in attrs.fields(of)}  # type: ignore[arg-type] # every table is an attrs class
    for name in table:
        if name not in fields:
            place = f"[{path}]" if path else "the file"
            raise ConfigParseError(f"unknown key `{name}` in {place}{nearest(name, fields)}")
    values: dict[str, object] = {}
    for name, field in fields.items():
        inner = f"{path}.{name}" if path else name
        if name in table:
            values[field.name] = field.metadata[_KIND].read(table[name], inner, settings_of)
        elif field.default is attrs.NOTHING:
            raise ConfigParseError(f"{inner}: missing field `{name}`")
    return of(**values)


def table_schema(of: type) -> dict[str, JsonValue]:
    """Describe a table class as a closed JSON Schema object with defaults, descriptions and the rules of its keys."""
    properties: dict[str, JsonValue] = {}
    required: list[JsonValue] = []
    for entry in keys_of(of):
        schema: dict[str, JsonValue] = {**entry.kind.schema(), "description": entry.meaning}
        if entry.is_required:
            required.append(entry.name)
        elif (default := plain_default(entry.default)) is not None:
            schema["default"] = default
        properties[entry.name] = schema
    described: dict[str, JsonValue] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    if required:
        described["required"] = required
    if rules := rules_of(of):
        described["allOf"] = [{"description": rule.says, **rule.schema} for rule in rules]
    return described


def plain_default(default: object) -> JsonValue:
    """Return the default of a key as it would be written in the file; none for a table, and for no value at all."""
    match default:
        case StrEnum():
            return default.value
        case str() | int():
            return default
        case tuple() if all(isinstance(entry, str | int) for entry in default):
            return [plain_default(entry) for entry in default]
        case _:
            return None


def _file_name(field: "attrs.Attribute[Any]") -> str:
    return field.metadata[_NAME] or field.name
