"""Decoders of the leaves: text, numbers, booleans, names, bytes (contract §1.2, §1.6)."""

import enum
from collections.abc import Callable
from typing import Any

from decision_gate.core.codec.errors import WrongValueError
from decision_gate.core.codec.wording import unknown_variant, wrong_type, wrong_value
from decision_gate.core.integers import IntRange

_BYTE = IntRange("u8", 0, 255)


def text(value: object, _type: object = str) -> str:
    """Accept a string."""
    if type(value) is str:
        return value
    raise WrongValueError(wrong_type(value, "a string"))


def boolean(value: object, _type: object = bool) -> bool:
    """Accept a boolean."""
    if type(value) is bool:
        return value
    raise WrongValueError(wrong_type(value, "a boolean"))


def integer(allowed: IntRange) -> Callable[[object, object], int]:
    """Return a decoder of integers of a range; a float is never one, whatever its value."""

    def decode(value: object, _type: object = int) -> int:
        if type(value) is not int:
            raise WrongValueError(wrong_type(value, allowed.expected))
        if not allowed.smallest <= value <= allowed.largest:
            raise WrongValueError(wrong_value(value, allowed.expected))
        return value

    return decode


_byte = integer(_BYTE)


def octets(value: object, _type: object = bytes) -> bytes:
    """Accept an array of integers 0 … 255."""
    if type(value) is not list:
        raise WrongValueError(wrong_type(value, "a sequence"))
    for index, item in enumerate(value):
        try:
            _byte(item, int)
        except WrongValueError as error:
            raise WrongValueError(error.reason, f"[{index}]") from error
    return bytes(value)


def name_of(kind: type[enum.Enum]) -> Callable[[object, object], Any]:
    """Return a decoder of the names of an enumeration; ``{"name": null}`` is accepted too (contract §1.6)."""
    members = {member.value: member for member in kind}
    allowed = list(members)

    def decode(value: object, _type: object = kind) -> enum.Enum:
        if type(value) is dict and len(value) == 1:
            [(tag, content)] = value.items()
            if content is None:
                value = tag
        if type(value) is not str:
            raise WrongValueError(wrong_type(value, "string or map"))
        member = members.get(value)
        if member is None:
            raise WrongValueError(unknown_variant(value, allowed))
        return member

    return decode
