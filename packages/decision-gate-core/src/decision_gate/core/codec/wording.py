"""The words in which the wire names what it found and what it allows (contract §1.6)."""

from collections.abc import Sequence

from decision_gate.core.logic.found import found


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
