"""Read one YAML 1.2 document as a JSON value (contract §1.4, deviation X13).

PyYAML's loaders follow YAML 1.1 (``no`` is false, ``1:30`` is ninety, dates are objects, ``<<`` merges, a
repeated key is lost), so only libyaml's events are taken from it and everything that gives them meaning is
here. libyaml's and not PyYAML's own scanner: the two disagree about tabs and line breaks, and the reference
agrees with libyaml.
"""

import re
from collections.abc import Iterator
from typing import assert_never

import attrs
import yaml
from yaml import CSafeLoader  # a PyYAML built without libyaml must fail at start, not at a document
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.yaml_errors import YamlDocumentError
from decision_gate.mcp.evidence.yaml_scalars import FOREIGN_TAG, resolve

MAX_DEPTH = 127
"""Nested containers, aliases expanded; the limit of JSON documents too."""

MAX_EXPANSION = 8 * 2**20
"""Characters and nodes that aliases may add to a document ("billion laughs")."""

MAX_TAG_DIRECTIVES = 64
"""libyaml compares each tag directive with all before it."""

_TAG_DIRECTIVE = re.compile(r"^\ufeff?%TAG", re.MULTILINE)


@attrs.frozen
class _Alias:
    target: int


_Node = ScalarEvent | SequenceStartEvent | SequenceEndEvent | MappingStartEvent | MappingEndEvent | _Alias


def parse_yaml(source: bytes | str) -> JsonValue:
    """Read ``source`` (UTF-8) as a JSON value; an empty document is null.

    Scalar keys become text as they are written (``1: a`` has the key ``"1"``), aliases are expanded into
    copies, anchors may be redefined, ``<<`` is an ordinary key.

    Raises:
        YamlDocumentError: not UTF-8, no YAML, a second document, a key that is no scalar or is repeated, an
        unknown
            anchor, nesting deeper than ``MAX_DEPTH``, more than ``MAX_EXPANSION`` by aliases, or a scalar
            without a JSON value.
    """
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
        text.encode("utf-8")  # lone surrogates
    except UnicodeError as error:
        raise YamlDocumentError("not UTF-8") from error
    if text.count("%TAG") > MAX_TAG_DIRECTIVES and len(_TAG_DIRECTIVE.findall(text)) > MAX_TAG_DIRECTIVES:
        raise YamlDocumentError(f"more than {MAX_TAG_DIRECTIVES} tag directives")
    nodes = tuple(_nodes(text))
    if not nodes:
        return None
    return _Builder(nodes).build()


def _nodes(text: str) -> Iterator[_Node]:
    """Yield the events of the only document, with each alias resolved to the position of its node."""
    anchors: dict[str, int] = {}
    position = depth = documents = 0
    for event in _events(text):
        node: _Node
        match event:
            case DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise YamlDocumentError("more than one document", place=_place(event))
                continue
            case AliasEvent():
                if event.anchor not in anchors:
                    raise YamlDocumentError("an alias without an anchor", place=_place(event))
                node = _Alias(anchors[event.anchor])
            case ScalarEvent() | SequenceStartEvent() | MappingStartEvent():
                if event.anchor is not None:
                    anchors[event.anchor] = position
                node = event
            case SequenceEndEvent() | MappingEndEvent():
                node = event
            case _:
                continue
        depth += isinstance(node, CollectionStartEvent) - isinstance(node, SequenceEndEvent | MappingEndEvent)
        if depth > MAX_DEPTH:
            raise YamlDocumentError(f"nested deeper than {MAX_DEPTH}", place=_place(event))
        position += 1
        yield node


def _events(text: str) -> Iterator[Event]:
    try:
        yield from yaml.parse(text, Loader=CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or "not YAML"
        raise YamlDocumentError(reason, place=(mark.line + 1, mark.column + 1) if mark else (0, 0)) from error
    except yaml.YAMLError as error:
        raise YamlDocumentError("a character that YAML does not allow") from error


@attrs.define
class _Open:
    """A container that is being filled; ``key`` is the mapping key whose value comes next."""

    container: list[JsonValue] | dict[str, JsonValue]
    key: str | None = None


class _Builder:
    """Builds the value without recursion; copies what an alias names, within ``MAX_EXPANSION``."""

    def __init__(self, nodes: tuple[_Node, ...]) -> None:
        self._nodes = nodes
        self._at = 0
        self._open: list[_Open] = []
        self._returns: list[tuple[int, int]] = []  # after an alias: containers open then, position to go on at
        self._expansion = 0
        self._value: JsonValue = None

    def build(self) -> JsonValue:
        while True:
            node = self._nodes[self._at]
            self._at += 1
            if self._returns:
                self._charge(node)
            match node:
                case _Alias():
                    self._returns.append((len(self._open), self._at))
                    self._at = node.target
                    continue
                case SequenceStartEvent() | MappingStartEvent():
                    self._begin(node)
                    continue
                case SequenceEndEvent() | MappingEndEvent():
                    self._add(self._open.pop().container)
                case ScalarEvent() if self._awaits_key():
                    self._take_key(node)
                case ScalarEvent():
                    self._add(self._scalar(node))
                case _:
                    assert_never(node)
            if self._returns and self._returns[-1][0] == len(self._open):
                self._at = self._returns.pop()[1]
            if not self._open:
                return self._value

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].container, dict) and self._open[-1].key is None

    def _take_key(self, node: ScalarEvent) -> None:
        mapping = self._open[-1]
        if node.value in mapping.container:
            raise self._refusal(f"duplicate key {node.value!r}", node, node.value)
        mapping.key = node.value

    def _begin(self, node: CollectionStartEvent) -> None:
        if self._awaits_key():
            raise self._refusal("a key is not a scalar", node)
        if node.tag is not None and node.tag.startswith("!"):
            raise self._refusal(FOREIGN_TAG, node)
        if len(self._open) == MAX_DEPTH:
            raise self._refusal(f"nested deeper than {MAX_DEPTH}", node)
        self._open.append(_Open({} if isinstance(node, MappingStartEvent) else []))

    def _add(self, value: JsonValue) -> None:
        if not self._open:
            self._value = value
            return
        into = self._open[-1]
        if isinstance(into.container, list):
            into.container.append(value)
        elif into.key is not None:
            into.container[into.key] = value
            into.key = None

    def _scalar(self, node: ScalarEvent) -> JsonValue:
        try:
            return resolve(node.value, tag=node.tag, plain=not node.style)
        except YamlDocumentError as error:
            raise self._refusal(error.reason, node, allowed=error.allowed) from error

    def _refusal(self, reason: str, node: Event | _Alias, *key: str, allowed: str = "") -> YamlDocumentError:
        """Return the error about what is about to be added, or about *key*."""
        steps = [len(each.container) if isinstance(each.container, list) else each.key for each in self._open]
        path = (*(step for step in steps if step is not None), *key)
        return YamlDocumentError(reason, allowed=allowed, place=_place(node), path=path)

    def _charge(self, node: _Node) -> None:
        self._expansion += 1 + (len(node.value) if isinstance(node, ScalarEvent) else 0)
        if self._expansion > MAX_EXPANSION:
            raise self._refusal("aliases expand to too much", node)


def _place(event: Event | _Alias) -> tuple[int, int]:
    """Return line and column from 1; zeros for what has no place."""
    mark = event.start_mark if isinstance(event, Event) else None
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)
