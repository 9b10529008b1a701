"""Plain JSON: the bytes of responses and text columns, in insertion order (contract §1.4)."""

import orjson

from decision_gate.core.json.canonical import NATIVE_TYPES_ONLY, is_plain_data
from decision_gate.core.json.errors import JsonEncodeError


def plain(value: object) -> bytes:
    """Write any value compactly: insertion order, no ASCII escaping, floats as the reference prints them.

    A float keeps its kind: integral ones end in ``.0``, and from 1e16 on or below 1e-5 there is an exponent
    (``1e+16``, ``1e-6``). That is the text of orjson 3.13, hence the pin.

    Raises:
        JsonEncodeError: A number is not finite or beyond 64 bits, a key is no string, a string holds a lone
            surrogate, nesting exceeds 254, or something is no JSON at all: subclasses, enums, dates, bytes.
    """
    try:
        text = orjson.dumps(value, None, NATIVE_TYPES_ONLY)
        proven = is_plain_data(value)
    except (TypeError, ValueError) as error:
        raise JsonEncodeError("a value, key or number is not json") from error
    if not proven and _has_non_finite(value):
        raise JsonEncodeError("non-finite float")
    return text


def plain_finite(value: object) -> bytes:
    """Write a value of our own making: the bytes of ``plain`` at half its price, as ``canonical_finite`` does.

    INVARIANT of the caller: every part of the value came out of ``parse`` or was put there by our own code as
    a plain ``dict``, ``list``, ``tuple``, ``str``, ``int``, ``bool``, ``None`` or finite ``float``.

    Raises:
        JsonEncodeError: As ``plain`` does, for what it still sees.
    """
    try:
        return orjson.dumps(value, None, NATIVE_TYPES_ONLY)
    except TypeError as error:
        raise JsonEncodeError("a value, key or number is not json") from error


def _has_non_finite(value: object) -> bool:
    match value:
        case float():
            return value - value != 0
        case dict():
            return any(map(_has_non_finite, value.values()))
        case list() | tuple():
            return any(map(_has_non_finite, value))
        case _:
            return False
