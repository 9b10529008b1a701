"""Canonical JSON with an upper bound on its length (contract §1.5, "Size-limited canonicalisation")."""

import re
from collections.abc import Iterator

from decision_gate.core.json.canonical import canonical, canonical_order
from decision_gate.core.json.errors import CanonicalSizeError

# A string is written in runs, cut where a character is escaped; only these characters are.
_RUNS = re.compile(rb"\\u[0-9a-f]{4}|\\.|[^\\]+")


def canonical_within(value: object, limit: int) -> bytes:
    """Write any value canonically, in at most ``limit`` bytes.

    Raises:
        CanonicalSizeError: The text is longer. ``actual`` counts the bytes before the write that passes the
            limit, and that write, in the reference's granularity: its error text repeats the number.
        CanonicalJsonError: As ``canonical`` does.
    """
    text = canonical(value)
    if len(text) <= limit:
        return text
    written = 0
    for size in _writes(value):
        written += size
        if written > limit:
            break
    raise CanonicalSizeError(actual=written, limit=limit)


def _writes(value: object) -> Iterator[int]:
    """Yield the sizes of the writes of a canonical text; a member of an outermost object is one."""
    match value:
        case str():
            yield 1
            yield from map(len, _RUNS.findall(canonical(value)[1:-1]))
            yield 1
        case dict():
            yield 1
            for position, key in enumerate(canonical_order(value)):
                if position:
                    yield 1
                yield len(canonical(key))
                yield 1
                yield len(canonical(value[key]))
            yield 1
        case list() | tuple():
            yield 1
            for position, item in enumerate(value):
                if position:
                    yield 1
                yield from _writes(item)
            yield 1
        case _:
            yield len(canonical(value))
