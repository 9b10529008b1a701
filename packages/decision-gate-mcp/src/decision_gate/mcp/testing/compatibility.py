"""What a change of a published schema breaks for those who already use it.

A request that was accepted must stay accepted; a reply must keep what readers rely on. Only the keywords that the
published schemas use are understood; references are compared by their text.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from decision_gate.core.json import JsonValue

Schema = Mapping[str, JsonValue]


class Direction(StrEnum):
    """Who writes what the schema describes."""

    REQUEST = "request"
    REPLY = "reply"


_LOWER_BOUNDS: Final = ("minimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS: Final = ("maximum", "maxLength", "maxItems", "maxProperties")


def breaking_changes(old: JsonValue, new: JsonValue, direction: Direction, place: str = "") -> Iterator[str]:
    """Give every breaking change from *old* to *new*, with its place; nothing when nobody notices."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield f"{place or '.'}: changed"
        return
    yield from _words(old, new, direction, place)
    yield from _members(old, new, direction, place)
    if direction is Direction.REQUEST:
        yield from _bounds(old, new, place)
    for keyword in ("items", "additionalProperties"):
        if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
            yield from breaking_changes(old[keyword], new[keyword], direction, f"{place}/{keyword}")
    for keyword in ("oneOf", "anyOf", "prefixItems"):
        yield from _alternatives(old, new, keyword, direction, place)
    yield from _named(old, new, "$defs", direction, place)


def _words(old: Schema, new: Schema, direction: Direction, place: str) -> Iterator[str]:
    before, after = _types(old), _types(new)
    lost, gained = before - after, after - before
    if direction is Direction.REQUEST and lost and after:
        yield f"{place}: no longer takes {', '.join(sorted(lost))}"
    if direction is Direction.REPLY and gained and before:
        yield f"{place}: may now be {', '.join(sorted(gained))}"
    was, now = _enum(old), _enum(new)
    if now is not None and (was is None or any(value not in now for value in was)):
        yield f"{place}: enum narrowed"
    if direction is Direction.REPLY and was is not None and (now is None or any(value not in was for value in now)):
        yield f"{place}: enum widened in a reply"
    if old.get("$ref") != new.get("$ref"):
        yield f"{place}: refers elsewhere"


def _members(old: Schema, new: Schema, direction: Direction, place: str) -> Iterator[str]:
    before, after = _mapping(old.get("properties")), _mapping(new.get("properties"))
    for name in before:
        if name not in after:
            yield f"{place}/{name}: removed"
    required_before, required_after = set(_texts(old.get("required"))), set(_texts(new.get("required")))
    if direction is Direction.REQUEST:
        for name in sorted(required_after - required_before):
            yield f"{place}/{name}: newly required"
        if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
            yield f"{place}: closed"
    else:
        for name in sorted(required_before - required_after):
            yield f"{place}/{name}: no longer always there"
        if old.get("additionalProperties") is False:
            for name in after:
                if name not in before:
                    yield f"{place}/{name}: added to a closed reply"
    yield from _named(old, new, "properties", direction, place)


def _bounds(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for keywords, is_narrower in ((_LOWER_BOUNDS, float.__gt__), (_UPPER_BOUNDS, float.__lt__)):
        for keyword in keywords:
            was, now = old.get(keyword), new.get(keyword)
            if isinstance(now, int | float) and not (
                isinstance(was, int | float) and not is_narrower(float(now), float(was))
            ):
                yield f"{place}: {keyword} narrowed"
    for keyword in ("pattern", "format", "multipleOf"):
        if keyword in new and new[keyword] != old.get(keyword):
            yield f"{place}: {keyword} narrowed"


def _alternatives(old: Schema, new: Schema, keyword: str, direction: Direction, place: str) -> Iterator[str]:
    """Compare unions by position of their old alternatives; a further one at the end widens a request."""
    before, after = _sequence(old.get(keyword)), _sequence(new.get(keyword))
    if len(after) < len(before):
        yield f"{place}/{keyword}: alternatives removed"
    if direction is Direction.REPLY and len(after) > len(before):
        yield f"{place}/{keyword}: alternatives added to a reply"
    for index, (was, now) in enumerate(zip(before, after, strict=False)):
        yield from breaking_changes(was, now, direction, f"{place}/{keyword}/{index}")


def _named(old: Schema, new: Schema, keyword: str, direction: Direction, place: str) -> Iterator[str]:
    before, after = _mapping(old.get(keyword)), _mapping(new.get(keyword))
    for name in before:
        if name in after:
            yield from breaking_changes(before[name], after[name], direction, f"{place}/{name}")


def _types(schema: Schema) -> set[str]:
    declared = schema.get("type")
    return {declared} if isinstance(declared, str) else set(_texts(declared))


def _enum(schema: Schema) -> Sequence[JsonValue] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None


def _mapping(value: JsonValue) -> Schema:
    return value if isinstance(value, dict) else {}


def _sequence(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list) else []


def _texts(value: JsonValue) -> Sequence[str]:
    return [text for text in _sequence(value) if isinstance(text, str)]
