"""Strict JSON parsing: RFC 8259, no duplicate keys, bounded depth (contract §1.1, §1.2, deviation X13).

``orjson`` reads; what it tolerates and we do not is ruled out by a proof that is cheaper than reading twice.
A text without proof, and every text that ``orjson`` refuses, is read again by the exact scanner, which
decides and words the error.
"""

import re
from typing import Literal

import orjson

from decision_gate.core.json.absent import ABSENT, Absent
from decision_gate.core.json.canonical import MAX_ENCODED_DEPTH, canonical_finite
from decision_gate.core.json.errors import CanonicalJsonError, JsonParseError
from decision_gate.core.json.scan import scan
from decision_gate.core.json.value import JsonValue
from decision_gate.core.limits import MAX_JSON_DEPTH

# As integers: looking for a single byte first costs a tenth of looking for anything longer.
_MINUS, _BACKSLASH = b"-\\"
_NEGATIVE_ZERO = re.compile(rb"-0(?:[\s,\]}]|\Z)")


def parse(text: bytes | str, *, max_depth: int = MAX_JSON_DEPTH) -> JsonValue:
    """Read one document, refusing whatever two readers could understand differently.

    Integer literals in -2^63 … 2^64-1 become ``int``; every other number, ``-0`` included, the nearest
    ``float``.

    Args:
        text: The document; bytes are UTF-8, without a byte-order mark. Check its size before.
        max_depth: Nested containers that are allowed, at most 254.

    Raises:
        JsonParseError: The text is not strict JSON, has a key twice in one object, holds a number beyond a
            double or a lone surrogate, or is nested too deeply.
    """
    # A surrogate in the str becomes bytes that are not UTF-8, which the scanner refuses with the place.
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    try:
        value: JsonValue = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return scan(raw, max_depth)
    return value if _is_proven(raw, value, max_depth) else scan(raw, max_depth)


def read_canonical(text: bytes, *, max_depth: int = MAX_JSON_DEPTH) -> JsonValue | Literal[Absent.ABSENT]:
    """Read a canonical text: what ``parse`` gives, ABSENT when it refuses the text or the value is written otherwise.

    Cheaper than ``parse`` and ``canonical``: of what ``parse`` rules out only depth is ever written so.
    """
    try:
        value: JsonValue = parse(text, max_depth=max_depth) if _may_be_deep(text, max_depth) else orjson.loads(text)
        return value if canonical_finite(value) == text else ABSENT
    except (orjson.JSONDecodeError, JsonParseError, CanonicalJsonError):
        return ABSENT


def _is_proven(raw: bytes, value: JsonValue, max_depth: int) -> bool:
    """Tell whether the text surely has no ``-0`` (read as 0), no duplicate key and no excess depth."""
    try:
        text = orjson.dumps(_sunk(value, max_depth) if _may_be_deep(raw, max_depth) else value)
    except TypeError:
        return False
    if text == raw:
        return True
    if _MINUS in raw and _NEGATIVE_ZERO.search(raw):
        return False
    # Written again, the value has every colon of the text but those of the members that a later key of the
    # same name replaced: each lost its own. Only an escaped colon could make up for it.
    if _BACKSLASH in raw and (b"\\u003a" in raw or b"\\u003A" in raw):
        return False
    return raw.count(b":") == text.count(b":")


def _may_be_deep(raw: bytes, max_depth: int) -> bool:
    # A level takes two bytes, its brackets.
    return len(raw) > 2 * max_depth and raw.count(b"[") + raw.count(b"{") > max_depth


def _sunk(value: JsonValue, max_depth: int) -> JsonValue:
    """Nest the value so that ``orjson``, which writes 254 levels, refuses more than ``max_depth``."""
    for _ in range(MAX_ENCODED_DEPTH - max_depth):
        value = [value]
    return value
