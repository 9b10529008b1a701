"""Which changes of a schema break somebody (testing/compatibility)."""

import pytest

from decision_gate.mcp.testing.compatibility import Direction, breaking_changes

STRING = {"type": "string"}
OPEN = {"type": "object", "properties": {"a": STRING}}
CLOSED = OPEN | {"additionalProperties": False}
BOTH = {"type": "object", "properties": {"a": STRING, "b": STRING}, "additionalProperties": False}

# old, new, broken for whoever sends it, broken for whoever reads it
CHANGES = [
    (CLOSED, CLOSED, [], []),
    (BOTH, CLOSED, ["/b: removed"], ["/b: removed"]),
    (CLOSED, BOTH, [], ["/b: added to a closed reply"]),
    (OPEN, OPEN | {"properties": {"a": STRING, "b": STRING}}, [], []),
    (CLOSED, CLOSED | {"required": ["a"]}, ["/a: newly required"], []),
    (CLOSED | {"required": ["a"]}, CLOSED, [], ["/a: no longer always there"]),
    (OPEN, CLOSED, [": closed"], []),
    (STRING, {"type": ["string", "null"]}, [], [": may now be null"]),
    ({"type": ["string", "null"]}, STRING, [": no longer takes null"], []),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, [": enum narrowed"], [": enum narrowed"]),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}, [], [": enum widened in a reply"]),
    ({"const": "a"}, {"const": "b"}, [": enum narrowed"], [": enum narrowed", ": enum widened in a reply"]),
    (STRING, {"type": "string", "enum": ["a"]}, [": enum narrowed"], [": enum narrowed"]),
    ({"minimum": 1}, {"minimum": 2}, [": minimum narrowed"], []),
    ({"minimum": 1}, {"minimum": 0}, [], []),
    ({}, {"maxLength": 5}, [": maxLength narrowed"], []),
    ({"maxLength": 5}, {"maxLength": 6}, [], []),
    ({}, {"pattern": "a"}, [": pattern narrowed"], []),
    (
        {"oneOf": [STRING, OPEN]},
        {"oneOf": [STRING]},
        ["/oneOf: alternatives removed"],
        ["/oneOf: alternatives removed"],
    ),
    ({"oneOf": [STRING]}, {"oneOf": [STRING, OPEN]}, [], ["/oneOf: alternatives added to a reply"]),
    ({"items": BOTH}, {"items": CLOSED}, ["/items/b: removed"], ["/items/b: removed"]),
    ({"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}, [": refers elsewhere"], [": refers elsewhere"]),
    ({"$defs": {"a": BOTH}}, {"$defs": {"a": CLOSED}}, ["/a/b: removed"], ["/a/b: removed"]),
    (True, False, [".: changed"], [".: changed"]),
    ({"properties": {"a": BOTH}}, {"properties": {"a": CLOSED}}, ["/a/b: removed"], ["/a/b: removed"]),
]


@pytest.mark.parametrize(("old", "new", "sent", "read"), CHANGES)
def test_a_change_is_judged_for_both_sides(old, new, sent, read):
    assert list(breaking_changes(old, new, Direction.REQUEST)) == sent
    assert list(breaking_changes(old, new, Direction.REPLY)) == read
