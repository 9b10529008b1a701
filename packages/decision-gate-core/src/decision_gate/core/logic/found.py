"""How a decoding error names the value it met (contract §1.6)."""

from typing import Final

from decision_gate.core.json import plain

_ESCAPES: Final = {"\0": "\\0", "\t": "\\t", "\r": "\\r", "\n": "\\n", '"': '\\"', "\\": "\\\\"}


def found(value: object) -> str:
    """Name a JSON value by kind and, for scalars, by content: ``integer `1` ``, ``string "x"``, ``map``.

    Strings are written with the escapes of the reference's implementation language, not with those of JSON.
    """
    match value:
        case None:
            name = "null"
        case bool():
            name = f"boolean `{str(value).lower()}`"
        case int():
            name = f"integer `{value}`"
        case float():
            name = f"floating point `{plain(value).decode()}`"
        case str():
            name = f'string "{"".join(map(_escaped, value))}"'
        case dict():
            name = "map"
        case _:
            name = "sequence"
    return name


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\u{{{ord(character):x}}}"
