"""Canonical JSON: the bytes that are hashed and stored (contract §1.5; RFC 8785 with deviations S1 and S2).

``orjson`` writes almost these bytes. Every function here takes its output, proves that none of the known
differences can be in it, and rebuilds the value exactly when the proof fails; so the exact way decides and
the fast way only saves time.
"""

import marshal
import operator
import re

import orjson

from decision_gate.core.json.errors import CanonicalJsonError
from decision_gate.core.json.numbers import canonical_number, ecmascript_text
from decision_gate.core.json.value import JsonValue
from decision_gate.core.limits import MAX_JSON_INTEGER, MIN_JSON_INTEGER

MAX_ENCODED_DEPTH = 254
"""Nested containers a value may have to be written: more than a parsed one has, few enough for any stack."""

NATIVE_TYPES_ONLY = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS

_SORTED = NATIVE_TYPES_ONLY | orjson.OPT_SORT_KEYS
# Version 4 copies ASCII strings as they are, which halves the price; for others version 2 is faster. In version 4 an
# object that occurs again is a reference, but its first occurrence is whole, the high bit of its type set.
_FOR_ASCII, _FOR_OTHERS = 4, 2
_NON_FINITE = re.compile(rb"[g\xe7].{6}[\xf0-\xff][\x7f\xff]", re.DOTALL)
# Single bytes to look for first, as integers: that costs a tenth of looking for anything longer.
_POSITIVE, _NEGATIVE = b"\x7f\xff"
_POINT, _PLUS, _MINUS = b".+-"
_TOP_OF_PLANE_0, _TOPMOST_OF_PLANE_0 = b"\xee\xef"
_ASTRAL = b"\xf0\xf1\xf2\xf3\xf4"
_POINT_ZERO = re.compile(rb"\.0(?:[,\]}]|\Z)")
_EXPONENT_16_TO_20 = re.compile(rb"e\+(?:1|20)")
_EXPONENT_MINUS_6 = re.compile(rb"e-6(?:[,\]}]|\Z)")
_FIXED_FROM, _FIXED_BELOW = 1e-5, 1e16


def canonical(value: object) -> bytes:
    """Write any value canonically, or refuse it.

    Keys are in UTF-16 order (RFC 8785), integers of up to 64 bits keep all their digits, floats follow
    ECMAScript, tuples are arrays.

    Raises:
        CanonicalJsonError: A number is not finite or beyond 64 bits, a key is no string, a string holds a
            lone surrogate, nesting exceeds 254, or something is no JSON at all: subclasses, enums, dates,
            bytes.
    """
    try:
        text = orjson.dumps(value, None, _SORTED)
        # ``is_plain_data`` once more, without the call.
        image = marshal.dumps(value, _FOR_ASCII if text.isascii() else _FOR_OTHERS)  # type: ignore[arg-type]  # see there
    except (TypeError, ValueError):
        return _exact(value)
    if (_POSITIVE in image or _NEGATIVE in image) and _NON_FINITE.search(image):
        return _exact(value)
    return _exact(value) if _differs(text) else text


def canonical_finite(value: object) -> bytes:
    """Write a value of our own making canonically: the bytes of ``canonical`` at half its price.

    INVARIANT of the caller: every part of the value came out of ``parse`` or was put there by our own code as
    a plain ``dict``, ``list``, ``tuple``, ``str``, ``int``, ``bool``, ``None`` or finite ``float``. A float
    that is not finite would be written as ``null``.

    Raises:
        CanonicalJsonError: As ``canonical`` does, for what it still sees.
    """
    try:
        text = orjson.dumps(value, None, _SORTED)
    except TypeError:
        return _exact(value)
    return _exact(value) if _differs(text) else text


def canonical_scalar(value: str | int) -> bytes:
    """Write a string or an integer canonically: of those ``orjson`` writes what canonical JSON does.

    Raises:
        CanonicalJsonError: An integer is beyond 64 bits, a string holds a lone surrogate.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return _exact(value)


def canonical_kinds(value: JsonValue) -> JsonValue:
    """Return ``parse(canonical(value))`` without writing it: the kinds that a reader sees.

    Comparators, submissions and replay work on this form (deviation S10). What does not change is not copied:
    the same object comes back when nothing does. Tuples become lists; the order of keys is kept, which no
    reader compares.

    Raises:
        CanonicalJsonError: A float is not finite.
    """
    kind = type(value)
    if kind is float:
        return canonical_number(value)  # type: ignore[arg-type]  # mypy does not narrow by kind
    if isinstance(value, dict):
        return _canonical_members(value)
    if isinstance(value, list | tuple):
        return _canonical_items(value)
    return value


def is_plain_data(value: object) -> bool:
    """Tell whether a value has only built-in types and finite floats; False may be a false alarm.

    ``orjson`` writes such floats as ``null`` and enums, UUIDs and fragments as it likes; ``marshal`` knows no
    type but the built-in ones and shows the bits of every float.

    Raises:
        ValueError: Another type is in it.
    """
    image = marshal.dumps(value, _FOR_ASCII)  # type: ignore[arg-type]  # the question is whether it can
    return not ((_POSITIVE in image or _NEGATIVE in image) and _NON_FINITE.search(image))


def _differs(text: bytes) -> bool:
    """Tell whether sorted ``orjson`` text may differ from canonical text; strings raise false alarms.

    All differences of orjson 3.13: ``x.0`` and ``-0.0``, exponents 16 … 20, exponent -6, and order by code
    points, which is another than by UTF-16 units only between astral characters and U+E000 … U+FFFF.
    """
    return bool(
        (_POINT in text and _POINT_ZERO.search(text))
        or (_PLUS in text and _EXPONENT_16_TO_20.search(text))
        or (_MINUS in text and _EXPONENT_MINUS_6.search(text))
        or ((_TOP_OF_PLANE_0 in text or _TOPMOST_OF_PLANE_0 in text) and any(map(text.__contains__, _ASTRAL)))
    )


def _exact(value: object) -> bytes:
    """Write a value by rebuilding it, so that ``orjson`` has nothing left to decide."""
    try:
        return orjson.dumps(_rebuilt(value, 0))
    except TypeError as error:
        # Types, numbers and depth were checked on the way: what is left is a string that UTF-8 cannot hold.
        raise CanonicalJsonError("lone surrogate in a string") from error


def _rebuilt(value: object, depth: int) -> object:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is float:
        return _rebuilt_float(value)  # type: ignore[arg-type]  # mypy does not narrow by kind
    if depth >= MAX_ENCODED_DEPTH and kind in (dict, list, tuple):
        raise CanonicalJsonError(f"nesting exceeds {MAX_ENCODED_DEPTH}")
    match value:
        case int() if kind is int:
            if not MIN_JSON_INTEGER <= value <= MAX_JSON_INTEGER:
                raise CanonicalJsonError("integer exceeds 64 bits")
            return value
        case dict() if kind is dict:
            return {key: _rebuilt(value[key], depth + 1) for key in canonical_order(value)}
        case list() | tuple() if kind in (list, tuple):
            return [_rebuilt(item, depth + 1) for item in value]
    raise CanonicalJsonError(f"{kind.__name__} is not json")


def _rebuilt_float(number: float) -> object:
    if _FIXED_FROM <= abs(number) < _FIXED_BELOW:
        return int(number) if number.is_integer() else number
    return orjson.Fragment(ecmascript_text(number).encode())


def canonical_order(members: dict[str, object]) -> list[str]:
    """Sort the keys of an object by their UTF-16 code units (RFC 8785 §3.2.3, deviation S1).

    Raises:
        CanonicalJsonError: A key is not a string.
    """
    if any(type(key) is not str for key in members):
        raise CanonicalJsonError("object key is not a string")
    keys = sorted(members)
    if all(key.isascii() for key in keys):
        return keys
    return sorted(keys, key=_utf16_units)


def _utf16_units(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _canonical_members(members: dict[str, JsonValue]) -> dict[str, JsonValue]:
    changed = {}
    for key, member in members.items():
        kind = type(member)
        if kind is str or kind is int or kind is bool or member is None:
            continue
        seen = canonical_kinds(member)
        if seen is not member:
            changed[key] = seen
    return {**members, **changed} if changed else members


def _canonical_items(items: list[JsonValue] | tuple[JsonValue, ...]) -> list[JsonValue]:
    seen = [canonical_kinds(item) for item in items]
    if isinstance(items, list) and all(map(operator.is_, seen, items)):
        return items
    return seen
