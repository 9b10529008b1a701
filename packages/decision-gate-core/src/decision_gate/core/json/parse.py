"""Strict JSON parsing: RFC 8259, no duplicate keys, bounded depth (contract §1.1, §1.2, deviation X13).

``orjson`` reads; what it tolerates and we do not is ruled out by a proof that is cheaper than reading twice.
A text without proof, and every text that ``orjson`` refuses, is read again by the exact scanner, which
decides and words the error.
"""

import re

import orjson

from decision_gate.core.json.canonical import MAX_ENCODED_DEPTH
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


def _is_proven(raw: bytes, value: JsonValue, max_depth: int) -> bool:
    """Tell whether the text surely has no ``-0`` (read as 0), no duplicate key and no excess depth."""
    # A level takes two bytes, its brackets.
    may_be_deep = len(raw) > 2 * max_depth and raw.count(b"[") + raw.count(b"{") > max_depth
    try:
        text = orjson.dumps(_sunk(value, max_depth) if may_be_deep else value)
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


def _sunk(value: JsonValue, max_depth: int) -> JsonValue:
    """Nest the value so that ``orjson``, which writes 254 levels, refuses more than ``max_depth``."""
    for _ in range(MAX_ENCODED_DEPTH - max_depth):
        value = [value]
    return value
