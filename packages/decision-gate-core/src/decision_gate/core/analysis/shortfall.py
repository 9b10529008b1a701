"""Say in words how far a value is from what a condition wants.

Two sentences for each comparator: with the numbers, and with the direction only, for readers who may not see evidence.
"""

from decimal import Decimal
from typing import Final

from decision_gate.core.comparators import Comparator
from decision_gate.core.json import JsonValue, plain
from decision_gate.core.logic import TriState
from decision_gate.core.model import BytesEvidence, ConditionSpec, EvidenceValue

MAX_SHOWN: Final = 60
"""Characters of a value that a sentence repeats."""

_OPPOSITES: Final = {
    Comparator.EQUALS: Comparator.NOT_EQUALS,
    Comparator.NOT_EQUALS: Comparator.EQUALS,
    Comparator.GREATER_THAN: Comparator.LESS_THAN_OR_EQUAL,
    Comparator.GREATER_THAN_OR_EQUAL: Comparator.LESS_THAN,
    Comparator.LESS_THAN: Comparator.GREATER_THAN_OR_EQUAL,
    Comparator.LESS_THAN_OR_EQUAL: Comparator.GREATER_THAN,
    Comparator.LEX_GREATER_THAN: Comparator.LEX_LESS_THAN_OR_EQUAL,
    Comparator.LEX_GREATER_THAN_OR_EQUAL: Comparator.LEX_LESS_THAN,
    Comparator.LEX_LESS_THAN: Comparator.LEX_GREATER_THAN_OR_EQUAL,
    Comparator.LEX_LESS_THAN_OR_EQUAL: Comparator.LEX_GREATER_THAN,
    Comparator.DEEP_EQUALS: Comparator.DEEP_NOT_EQUALS,
    Comparator.DEEP_NOT_EQUALS: Comparator.DEEP_EQUALS,
    Comparator.EXISTS: Comparator.NOT_EXISTS,
    Comparator.NOT_EXISTS: Comparator.EXISTS,
}

_WANTS: Final = {
    Comparator.EQUALS: "must be {}",
    Comparator.NOT_EQUALS: "must be anything but {}",
    Comparator.GREATER_THAN: "needs more than {}",
    Comparator.GREATER_THAN_OR_EQUAL: "needs at least {}",
    Comparator.LESS_THAN: "needs less than {}",
    Comparator.LESS_THAN_OR_EQUAL: "needs at most {}",
    Comparator.LEX_GREATER_THAN: "must sort after {}",
    Comparator.LEX_GREATER_THAN_OR_EQUAL: "must sort at or after {}",
    Comparator.LEX_LESS_THAN: "must sort before {}",
    Comparator.LEX_LESS_THAN_OR_EQUAL: "must sort at or before {}",
    Comparator.DEEP_EQUALS: "must be {}",
    Comparator.DEEP_NOT_EQUALS: "must be anything but {}",
    Comparator.EXISTS: "must be there",
    Comparator.NOT_EXISTS: "must not be there",
}

_DIRECTIONS: Final = {
    Comparator.GREATER_THAN: "must rise",
    Comparator.GREATER_THAN_OR_EQUAL: "must rise",
    Comparator.LESS_THAN: "must fall",
    Comparator.LESS_THAN_OR_EQUAL: "must fall",
    Comparator.EXISTS: "must be there",
    Comparator.NOT_EXISTS: "must not be there",
}

_MOMENTS: Final = {
    Comparator.GREATER_THAN: "must be after {}",
    Comparator.GREATER_THAN_OR_EQUAL: "must not be before {}",
    Comparator.LESS_THAN: "must be before {}",
    Comparator.LESS_THAN_OR_EQUAL: "must not be after {}",
}


def wanted(condition: ConditionSpec, needed: TriState) -> str:
    """Say what the value must be for the condition to have the status *needed*, TRUE or FALSE."""
    expected = condition.expected
    match condition.comparator, needed:
        case Comparator.CONTAINS, TriState.TRUE:
            return f"must contain {shown(expected)}"
        case Comparator.CONTAINS, _:
            return f"must not contain {shown(expected)}"
        case Comparator.IN_SET, TriState.TRUE:
            return f"must be one of {shown(expected)}"
        case Comparator.IN_SET, _:
            return f"must be none of {shown(expected)}"
        case _:
            pass
    comparator = _needed(condition.comparator, needed)
    if isinstance(expected, str) and comparator in _MOMENTS:
        return _MOMENTS[comparator].format(expected)
    return _WANTS[comparator].format(shown(expected))


def direction(condition: ConditionSpec, needed: TriState) -> str:
    """Say which way the value must move, without naming it or its bound."""
    if condition.comparator in (Comparator.CONTAINS, Comparator.IN_SET) or isinstance(condition.expected, str):
        return "must change"
    return _DIRECTIONS.get(_needed(condition.comparator, needed), "must change")


def shortfall(condition: ConditionSpec, value: EvidenceValue | None, needed: TriState) -> str:
    """Say what the value is, what it must be, and for numbers by how much it misses.

    For example ``82.3, needs at least 85 (+2.7)``.
    """
    if value is None:
        return f"is not there, {wanted(condition, needed)}"
    if isinstance(value, BytesEvidence):
        return f"is {len(value.value)} bytes, {wanted(condition, needed)}"
    text = f"{shown(value.value)}, {wanted(condition, needed)}"
    if not isinstance(value.value, int | float):
        return f"is {text}"
    return f"{'is ' if isinstance(value.value, bool) else ''}{text}{_difference(condition, value.value)}"


def shown(value: JsonValue) -> str:
    """Return a value as a sentence repeats it: strings without quotes in lists, long ones cut."""
    if isinstance(value, list) and all(isinstance(member, str | int | float) for member in value):
        text = ", ".join(member if isinstance(member, str) else _number(member) for member in value)
    else:
        text = _number(value)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def _number(value: JsonValue) -> str:
    if isinstance(value, float) and value.is_integer():
        return plain(value).decode().removesuffix(".0")
    return plain(value).decode()


def _needed(comparator: Comparator, needed: TriState) -> Comparator:
    return comparator if needed is TriState.TRUE else _OPPOSITES[comparator]


def _difference(condition: ConditionSpec, value: float) -> str:
    """Return the signed distance to a numeric bound, exact in decimals; empty where none makes sense."""
    expected = condition.expected
    if isinstance(value, bool) or isinstance(expected, bool) or not isinstance(expected, int | float):
        return ""
    if condition.comparator in (Comparator.NOT_EQUALS, Comparator.DEEP_NOT_EQUALS):
        return ""
    # Decimals of the shortest texts: 85 − 82.3 is 2.7 there, and 2.7000000000000028 in floats.
    distance = (Decimal(repr(expected)) - Decimal(repr(value))).normalize()
    text = f"{distance:+f}".replace("-", "−")
    return f" ({text})" if distance and len(text) <= MAX_SHOWN else ""
