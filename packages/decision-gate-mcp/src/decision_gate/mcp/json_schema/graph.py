"""What a JSON Schema applies to what: its subschemas and the edges between them, held to bounds (deviation X5).

A caller's schema must not reach outside itself and must not cost more than it looks: no remote or file references,
no other dialect than 2020-12, bounded depth. INVARIANT: only a document that passed here is compiled, because the
compiler and the validator recurse on the native stack, and because the validator visits what two paths reach twice.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.json_schema.errors import InvalidSchemaError

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
MAX_DEPTH: Final = 64
"""Nested subschemas of a document."""
MAX_CHAIN: Final = 200
"""Longest way from subschema to subschema, references included, that does not meet itself."""
MAX_APPLIED: Final = 10_000
"""Subschemas that apply to one and the same value."""
_COST_CAP: Final = 10**12

_IN_PLACE = ("not", "if", "then", "else")
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE_MAPS = ("dependentSchemas", "dependencies")
_CHILD = (
    "items",
    "contains",
    "additionalProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    "propertyNames",
    "contentSchema",
)
_CHILD_LISTS = ("prefixItems",)
_CHILD_MAPS = ("properties", "patternProperties")
_SHELVES = ("$defs", "definitions")
_REFERENCES = ("$ref", "$dynamicRef")
_ANCHORS = ("$anchor", "$dynamicAnchor")

Subschema = Mapping[str, JsonValue]


@attrs.frozen(kw_only=True)
class Node:
    """One subschema: what it applies to the same value, and what it applies to the value's members."""

    schema: Subschema
    in_place: list["Node"] = attrs.field(factory=list)
    children: dict[str, list["Node"]] = attrs.field(factory=dict)
    by_name: dict[str, dict[str, "Node"]] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Cost:
    """How many subschemas apply: to one value alone, and to it and everything in it were each member met once."""

    in_place: int
    whole: int


class SchemaGraph:
    """The subschemas of one document.

    Attributes:
        root: The document itself; none for ``true`` and ``false``.
        is_recursive: Whether a subschema reaches itself.
        cost: How much the document applies at least once.
    """

    def __init__(self, document: JsonValue) -> None:
        """Read a document.

        Raises:
            InvalidSchemaError: It reaches outside itself, is of another dialect, or is beyond a bound.
        """
        self._document = document
        self._nodes: dict[int, Node] = {}
        self._anchors: dict[str, list[Node]] = {}
        self._pending: list[tuple[Node, str]] = []
        self.root = self._read(document, 0) if isinstance(document, dict) else None
        self._link()
        self.is_recursive = False
        self._costs: dict[int, Cost] = {}
        self.cost = Cost(in_place=1, whole=1) if self.root is None else self._cost(self.root, set(), 0)

    def in_place_cost(self, node: Node) -> int:
        """Return how many subschemas apply to one value without members."""
        return self._costs[id(node.schema)].in_place

    def _read(self, schema: Subschema, depth: int) -> Node:
        known = self._nodes.get(id(schema))
        if known is not None:
            return known
        if depth > MAX_DEPTH:
            raise InvalidSchemaError(f"subschemas nest deeper than {MAX_DEPTH}")
        _demand_own(schema, is_root=schema is self._document)
        node = self._nodes[id(schema)] = Node(schema=schema)
        for keyword in _ANCHORS:
            if isinstance(name := schema.get(keyword), str):
                self._anchors.setdefault(name, []).append(node)
        self._pending += [(node, target) for word in _REFERENCES if isinstance(target := schema.get(word), str)]
        for keyword, place, inner in _subschemas(schema):
            below = self._read(inner, depth + 1)
            if keyword in _SHELVES:
                continue
            if keyword in _CHILD or keyword in _CHILD_LISTS:
                node.children.setdefault(keyword, []).append(below)
            elif keyword in _CHILD_MAPS:
                node.by_name.setdefault(keyword, {})[place] = below
            else:
                node.in_place.append(below)
        return node

    def _link(self) -> None:
        """Turn references into edges; a pointer may lead to a place that no keyword names, which is then read too."""
        anchored: list[tuple[Node, str]] = []
        while self._pending:
            node, target = self._pending.pop()
            if target in ("#", "") or target.startswith("#/"):
                found = _at_pointer(self._document, unquote(target[1:]))
                if isinstance(found, dict):
                    node.in_place.append(self._read(found, 0))
            else:
                anchored.append((node, unquote(target[1:])))
        for node, name in anchored:
            node.in_place.extend(self._anchors.get(name, ()))

    def _cost(self, node: Node, path: set[int], depth: int) -> Cost:
        key = id(node.schema)
        known = self._costs.get(key)
        if known is not None:
            return known
        if key in path:
            self.is_recursive = True
            return Cost(in_place=0, whole=0)
        if depth > MAX_CHAIN:
            raise InvalidSchemaError(f"subschemas lead to each other over more than {MAX_CHAIN} steps")
        path.add(key)
        in_place = whole = 1
        for inner in node.in_place:
            cost = self._cost(inner, path, depth + 1)
            in_place += cost.in_place
            whole += cost.whole
        for inner in members(node):
            whole += self._cost(inner, path, depth + 1).whole
        path.discard(key)
        if in_place > MAX_APPLIED:
            raise InvalidSchemaError(f"more than {MAX_APPLIED} subschemas apply to one value")
        cost = self._costs[key] = Cost(in_place=in_place, whole=min(whole, _COST_CAP))
        return cost


def members(node: Node) -> Iterator[Node]:
    """Give every subschema that *node* applies to members of a value."""
    for nodes in node.children.values():
        yield from nodes
    for named in node.by_name.values():
        yield from named.values()


def _demand_own(schema: Subschema, *, is_root: bool) -> None:
    dialect = schema.get("$schema", DIALECT)
    if isinstance(dialect, str) and dialect.removesuffix("#") != DIALECT:
        raise InvalidSchemaError(f"$schema must be {DIALECT} or absent")
    if "$id" in schema and not is_root:
        raise InvalidSchemaError("$id is only allowed at the root of a schema")
    for keyword in _REFERENCES:
        target = schema.get(keyword)
        if isinstance(target, str) and not target.startswith("#"):
            raise InvalidSchemaError(f"{keyword} must stay within the schema and start with #")


def _subschemas(schema: Subschema) -> Iterator[tuple[str, str, Subschema]]:
    """Give each subschema with its keyword and, in keywords that are maps, its name there."""
    for keyword in (*_IN_PLACE, *_CHILD):
        if isinstance(inner := schema.get(keyword), dict):
            yield keyword, "", inner
    for keyword in (*_IN_PLACE_LISTS, *_CHILD_LISTS):
        found = schema.get(keyword)
        for inner in found if isinstance(found, list) else ():
            if isinstance(inner, dict):
                yield keyword, "", inner
    for keyword in (*_IN_PLACE_MAPS, *_CHILD_MAPS, *_SHELVES):
        named = schema.get(keyword)
        for place, inner in named.items() if isinstance(named, dict) else ():
            if isinstance(inner, dict):
                yield keyword, place, inner


def _at_pointer(document: JsonValue, pointer: str) -> JsonValue:
    found = document
    for step in pointer.split("/")[1:]:
        token = step.replace("~1", "/").replace("~0", "~")
        match found:
            case dict() if token in found:
                found = found[token]
            case list() if token.isascii() and token.isdigit() and int(token) < len(found):
                found = found[int(token)]
            case _:
                return None
    return found
