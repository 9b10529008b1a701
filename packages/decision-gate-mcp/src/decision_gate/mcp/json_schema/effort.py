"""How much work a value is for a schema, counted before the validator starts (deviation X5).

Two subschemas that both lead to one member make the validator look at that member twice, and so on at every level:
a small recursive schema and a small deep value can keep a core busy for minutes. The count is exact enough (every
alternative and pattern is taken to apply) and itself cheap, because each pair of subschema and value is looked at
once.
"""

from typing import Final

from decision_gate.core.json import JsonValue
from decision_gate.mcp.json_schema.graph import Node, SchemaGraph

MAX_VISITS: Final = 1_000_000
"""Looks at a value by a subschema."""
_MAX_STACK: Final = 300
"""Steps from subschema to subschema and into members: bounds this count, and the native stack of the engine."""
_FREE: Final = 100_000
"""Product of schema and value below which nothing is counted."""


def visits(graph: SchemaGraph, value: JsonValue) -> int:
    """Return how often the validator looks at something, capped just above ``MAX_VISITS``."""
    if graph.root is None:
        return 1
    if not graph.is_recursive:
        most = graph.cost.whole * _size(value)
        if most <= _FREE:
            return most
    return _Counter(graph).count(graph.root, value, 0)


class _Counter:
    def __init__(self, graph: SchemaGraph) -> None:
        self._graph = graph
        self._known: dict[tuple[int, int], int] = {}

    def count(self, node: Node, value: JsonValue, stack: int) -> int:
        if not isinstance(value, dict | list):
            return self._graph.in_place_cost(node)
        key = (id(node.schema), id(value))
        known = self._known.get(key)
        if known is not None:
            return known
        if stack > _MAX_STACK or len(self._known) > MAX_VISITS:
            return MAX_VISITS + 1
        self._known[key] = 0  # a subschema that leads back to itself on the same value is looked at once
        total = 1
        for inner in node.in_place:
            total += self.count(inner, value, stack + 1)
        if isinstance(value, dict):
            total = self._members(node, value, total, stack)
        else:
            total = self._items(node, value, total, stack)
        total = self._known[key] = min(total, MAX_VISITS + 1)
        return total

    def _members(self, node: Node, value: dict[str, JsonValue], total: int, stack: int) -> int:
        named = node.by_name.get("properties", {})
        every = [
            *node.by_name.get("patternProperties", {}).values(),
            *node.children.get("additionalProperties", ()),
            *node.children.get("unevaluatedProperties", ()),
        ]
        total += len(value) * len(node.children.get("propertyNames", ()))
        for name, member in value.items():
            if (inner := named.get(name)) is not None:
                total += self.count(inner, member, stack + 1)
            for inner in every:
                total += self.count(inner, member, stack + 1)
            if total > MAX_VISITS:
                break
        return total

    def _items(self, node: Node, value: list[JsonValue], total: int, stack: int) -> int:
        first = node.children.get("prefixItems", [])
        every = [*node.children.get("items", ()), *node.children.get("contains", ())]
        every += node.children.get("unevaluatedItems", ())
        for index, member in enumerate(value):
            if index < len(first):
                total += self.count(first[index], member, stack + 1)
            for inner in every:
                total += self.count(inner, member, stack + 1)
            if total > MAX_VISITS:
                break
        return total


def _size(value: JsonValue) -> int:
    """Count the values in *value*, itself included; nesting is bounded by the parser."""
    match value:
        case dict():
            return 1 + sum(map(_size, value.values()))
        case list():
            return 1 + sum(map(_size, value))
        case _:
            return 1
