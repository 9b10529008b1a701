"""How a JSONPath finds its way through a document: children, walks, positions."""

from collections.abc import Iterator, Sequence

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.jsonpath.budget import Budget


@attrs.frozen(kw_only=True)
class Holders:
    """Which objects hold a member.

    Attributes:
        kept: the objects, in the order they were met.
        missed: positions of the inputs that are no such object themselves.
    """

    kept: list[JsonValue]
    missed: frozenset[int] = frozenset()


def children(node: JsonValue) -> list[JsonValue]:
    """Return the members of an object or the elements of an array; a scalar has none."""
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def walk(nodes: Sequence[JsonValue], budget: Budget) -> Iterator[JsonValue]:
    """Yield every node below ``nodes``, themselves included, each before its children."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        budget.spend(1)
        yield node
        stack.extend(reversed(children(node)))


def member_or_self(node: JsonValue, key: str | None) -> JsonValue:
    """Return the member ``key`` of an object that has it, and anything else as it is."""
    return node[key] if key is not None and isinstance(node, dict) and key in node else node


def holders(nodes: Sequence[JsonValue], key: str, budget: Budget) -> Holders:
    """Find the objects that hold ``key`` among the nodes and inside their arrays, each once by identity."""
    seen: set[int] = set()
    kept: list[JsonValue] = []
    missed: set[int] = set()
    for position, node in enumerate(nodes):
        if not (isinstance(node, dict) and key in node):
            missed.add(position)
        stack = [node]
        while stack:
            inner = stack.pop()
            budget.spend(1)
            if isinstance(inner, list):
                stack.extend(reversed(inner))
            elif isinstance(inner, dict) and key in inner and id(inner) not in seen:
                seen.add(id(inner))
                kept.append(inner)
    return Holders(kept=kept, missed=frozenset(missed))


def deep_holders(nodes: Sequence[JsonValue], key: str, budget: Budget) -> Holders:
    """Find the objects that hold ``key`` anywhere below ``nodes``."""
    return Holders(kept=[node for node in walk(nodes, budget) if isinstance(node, dict) and key in node])


def element(array: list[JsonValue], index: int) -> list[JsonValue]:
    """Return the element at ``index`` in a list of one, or an empty list."""
    position = _position(index, len(array))
    return array[position : position + 1]


def elements(array: list[JsonValue], start: int | None, stop: int | None, step: int) -> list[JsonValue]:
    """Return a slice; ends beyond the array are clamped, ``step`` is at least 1."""
    first = 0 if start is None else _position(start, len(array))
    last = len(array) if stop is None else _position(stop, len(array))
    return array[first:last:step]


def _position(index: int, length: int) -> int:
    """Count a negative index from the end; beyond either end it stays at that end."""
    return max(index + length, 0) if index < 0 else min(index, length)
