"""How the short form spells comparators, and what each may be compared with."""

from collections.abc import Mapping
from typing import Final

from decision_gate.core.comparators import Comparator
from decision_gate.core.json import JsonValue
from decision_gate.core.logic.found import found as described

SHORT_NAMES: Final[Mapping[str, Comparator]] = {
    "equals": Comparator.EQUALS,
    "not_equals": Comparator.NOT_EQUALS,
    "above": Comparator.GREATER_THAN,
    "at_least": Comparator.GREATER_THAN_OR_EQUAL,
    "below": Comparator.LESS_THAN,
    "at_most": Comparator.LESS_THAN_OR_EQUAL,
    "contains": Comparator.CONTAINS,
    "one_of": Comparator.IN_SET,
    "exists": Comparator.EXISTS,
}
"""The spellings that people use; every wire name is one too."""

NAMES: Final[Mapping[str, Comparator]] = {**{each.value: each for each in Comparator}, **SHORT_NAMES}

_NEGATED: Final = {Comparator.EXISTS: Comparator.NOT_EXISTS, Comparator.NOT_EXISTS: Comparator.EXISTS}
_ORDERED: Final = frozenset(
    (
        Comparator.GREATER_THAN,
        Comparator.GREATER_THAN_OR_EQUAL,
        Comparator.LESS_THAN,
        Comparator.LESS_THAN_OR_EQUAL,
    )
)
_LEXICAL: Final = frozenset(
    (
        Comparator.LEX_GREATER_THAN,
        Comparator.LEX_GREATER_THAN_OR_EQUAL,
        Comparator.LEX_LESS_THAN,
        Comparator.LEX_LESS_THAN_OR_EQUAL,
    )
)


def comparison(name: str, operand: JsonValue) -> tuple[Comparator, JsonValue] | tuple[str, str]:
    """Return comparator and expectation of ``name: operand``, or what was found and what is allowed instead."""
    comparator = NAMES[name]
    if comparator in _NEGATED:
        if not isinstance(operand, bool):
            return described(operand), "true or false"
        return (comparator if operand else _NEGATED[comparator]), None
    allowed = _refusal(comparator, operand)
    return (described(operand), allowed) if allowed else (comparator, operand)


def short_name(comparator: Comparator) -> str:
    """Return how the short form spells a comparator."""
    return next((name for name, each in SHORT_NAMES.items() if each is comparator), comparator.value)


def _refusal(comparator: Comparator, operand: JsonValue) -> str | None:
    """Say what is allowed where *operand* could never be compared with anything."""
    is_number = isinstance(operand, int | float) and not isinstance(operand, bool)
    if operand is None:
        return "any value but null, which nothing equals (use exists)"
    if comparator in _ORDERED and not is_number and not isinstance(operand, str):
        return "a number, a date or a date-time"
    if comparator in _LEXICAL and not isinstance(operand, str):
        return "a text"
    if comparator is Comparator.IN_SET and not isinstance(operand, list):
        return "a list of values"
    if comparator is Comparator.CONTAINS and not isinstance(operand, str | list):
        return "a text or a list"
    if comparator in (Comparator.DEEP_EQUALS, Comparator.DEEP_NOT_EQUALS) and not isinstance(operand, list | dict):
        return "a list or a mapping"
    return None
