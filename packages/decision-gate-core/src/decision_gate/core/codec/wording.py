"""The words in which the wire names what it found and what it allows (contract §1.6)."""

from collections.abc import Sequence

from decision_gate.core.json import plain

_ESCAPES = {"\0": "\\0", "\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_FIRST_PRINTABLE = 0x20
_DELETE = 0x7F


def debug_text(text: str) -> str:
    """Quote *text* with the escapes that the reference's error texts use."""
    return '"' + "".join(_ESCAPES.get(char) or _escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{{{code:x}}}" if code < _FIRST_PRINTABLE or code == _DELETE else char


def found(value: object) -> str:
    """Name the kind of *value*, with the value itself when it is short by nature."""
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{'true' if value else 'false'}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{plain(value).decode()}`"
        case str():
            return f"string {debug_text(value)}"
        case list() | tuple():
            return "sequence"
        case _:
            return "map"


def wrong_type(value: object, expected: str) -> str:
    """Say that *value* is of the wrong type."""
    return f"invalid type: {found(value)}, expected {expected}"


def wrong_value(value: int, expected: str) -> str:
    """Say that an integer is out of range."""
    return f"invalid value: integer `{value}`, expected {expected}"


def unknown_variant(value: str, allowed: Sequence[str]) -> str:
    """Say that a name is not one of *allowed*."""
    return f"unknown variant `{value}`, expected {_one_of(allowed)}"


def missing_field(name: str) -> str:
    """Say that a required key is absent."""
    return f"missing field `{name}`"


def _one_of(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    match quoted:
        case [only]:
            return only
        case [first, second]:
            return f"{first} or {second}"
        case _:
            return f"one of {', '.join(quoted)}"
