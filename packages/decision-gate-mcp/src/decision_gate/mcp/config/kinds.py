"""The kinds of values a configuration key can hold: how each is read from TOML and described in JSON Schema.

A kind only decides shape. Whether a well-formed value can work is decided by the ``check`` of its table,
because the reference reports the shape mistakes of the whole file before the first impossible value (contract
§3.1, §3.2).
"""

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.config.errors import ConfigParseError
from decision_gate.mcp.config.secrets import EnvSecret, FileSecret, LiteralSecret


class SettingsOf(Protocol):
    """Names the settings class of the offer ``name`` of one plugin group."""

    def __call__(self, group: str, name: str) -> type:
        """Return the class. Raise ``ConfigurationError`` when there is no such offer or it is not trusted."""
        ...


class Kind(Protocol):
    """How one key is read."""

    def read(self, value: object, path: str, settings_of: SettingsOf) -> object:
        """Decode a TOML value. Raise ``ConfigParseError`` naming ``path`` when its shape is wrong."""
        ...

    def schema(self) -> dict[str, JsonValue]:
        """Describe the accepted values as a JSON Schema (draft 2020-12)."""
        ...


@attrs.frozen
class Text:
    """A string."""

    def read(self, value: object, path: str, settings_of: SettingsOf) -> str:
        """Accept exactly a TOML string."""
        del settings_of
        if not isinstance(value, str):
            raise mismatch(path, "a string", value)
        return value

    def schema(self) -> dict[str, JsonValue]:
        """Describe any string."""
        return {"type": "string"}


@attrs.frozen
class Integer:
    """A whole number that is not negative; bounds beyond that are held by the table's ``check``.

    Attributes:
        least: Smaller numbers are refused while reading.
        low: Smallest number that the table's ``check`` accepts, where it is above ``least``.
        high: Largest number that it accepts.
    """

    least: int = 0
    low: int | None = None
    high: int | None = None

    def read(self, value: object, path: str, settings_of: SettingsOf) -> int:
        """Accept a TOML integer from ``least`` up; a boolean is not a number."""
        del settings_of
        if isinstance(value, bool) or not isinstance(value, int):
            raise mismatch(path, "an integer", value)
        if value < self.least:
            raise ConfigParseError(f"{path}: expected an integer from {self.least} up, found {value}")
        return value

    def schema(self) -> dict[str, JsonValue]:
        """Describe the integers within the bounds."""
        described: dict[str, JsonValue] = {"type": "integer", "minimum": self.least if self.low is None else self.low}
        if self.high is not None:
            described["maximum"] = self.high
        return described


@attrs.frozen
class Boolean:
    """``true`` or ``false``."""

    def read(self, value: object, path: str, settings_of: SettingsOf) -> bool:
        """Accept exactly a TOML boolean."""
        del settings_of
        if not isinstance(value, bool):
            raise mismatch(path, "a boolean", value)
        return value

    def schema(self) -> dict[str, JsonValue]:
        """Describe the two booleans."""
        return {"type": "boolean"}


@attrs.frozen
class Choice:
    """One word of a closed set."""

    words: type[StrEnum]

    def read(self, value: object, path: str, settings_of: SettingsOf) -> StrEnum:
        """Accept one of the words; the refusal lists them and suggests the nearest."""
        del settings_of
        if not isinstance(value, str):
            raise mismatch(path, "a string", value)
        try:
            return self.words(value)
        except ValueError:
            known = [word.value for word in self.words]
            listed = ", ".join(f"`{word}`" for word in known)
            raise ConfigParseError(
                f"{path}: unknown variant `{value}`, expected one of {listed}{nearest(value, known)}"
            ) from None

    def schema(self) -> dict[str, JsonValue]:
        """Describe the closed set."""
        return {"type": "string", "enum": [word.value for word in self.words]}


@attrs.frozen
class Array:
    """A list of values of one kind, read into a tuple.

    Attributes:
        of: Kind of its entries.
        most: Most entries that the table's ``check`` accepts.
    """

    of: Kind
    most: int | None = None

    def read(self, value: object, path: str, settings_of: SettingsOf) -> tuple[object, ...]:
        """Accept a TOML array; an entry is named by its index in refusals."""
        if not isinstance(value, list):
            raise mismatch(path, "an array", value)
        return tuple(self.of.read(entry, f"{path}[{index}]", settings_of) for index, entry in enumerate(value))

    def schema(self) -> dict[str, JsonValue]:
        """Describe an array of the inner kind."""
        described: dict[str, JsonValue] = {"type": "array", "items": self.of.schema()}
        if self.most is not None:
            described["maxItems"] = self.most
        return described


@attrs.frozen
class Secret:
    """A secret: literal text, ``{ env = "NAME" }`` or ``{ file = "path" }``."""

    def read(self, value: object, path: str, settings_of: SettingsOf) -> LiteralSecret | EnvSecret | FileSecret:
        """Accept a string or a table with exactly one of the two references; nothing is looked up here."""
        del settings_of
        match value:
            case str():
                return LiteralSecret(text=value)
            case {"env": str() as name, **rest} if not rest:
                return EnvSecret(name=name)
            case {"file": str() as file, **rest} if not rest:
                return FileSecret(path=file)
            case _:
                raise ConfigParseError(f'{path}: expected a string, {{ env = "NAME" }} or {{ file = "path" }}')

    def schema(self) -> dict[str, JsonValue]:
        """Describe the three spellings."""
        return {
            "anyOf": [
                {"type": "string"},
                _reference_schema("env"),
                _reference_schema("file"),
            ]
        }


@attrs.frozen
class Free:
    """A table whose members somebody else decodes (the ``config`` of a built-in provider)."""

    def read(self, value: object, path: str, settings_of: SettingsOf) -> Mapping[str, object]:
        """Accept any table as it is."""
        del settings_of
        if not isinstance(value, dict):
            raise mismatch(path, "a table", value)
        return value

    def schema(self) -> dict[str, JsonValue]:
        """Describe any table."""
        return {"type": "object"}


def _reference_schema(member: str) -> dict[str, JsonValue]:
    return {
        "type": "object",
        "properties": {member: {"type": "string"}},
        "required": [member],
        "additionalProperties": False,
    }


def mismatch(path: str, expected: str, value: object) -> ConfigParseError:
    """Make the refusal of a value of the wrong type; only its type is named, it may be a secret."""
    names = {bool: "a boolean", int: "an integer", float: "a float", str: "a string", list: "an array"}
    found = names.get(type(value), "a table" if isinstance(value, dict) else "a date or time")
    return ConfigParseError(f"{path}: expected {expected}, found {found}")


def nearest(word: str, known: Iterable[str]) -> str:
    """Make the suggestion that ends a refusal, or nothing when no known word is near."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean `{found[0]}`?)" if found else ""
