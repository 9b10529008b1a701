"""What it costs to find that a value matches a schema, as a registered data shape is checked on every submission.

The peer is ``jsonschema``, its validator made once like ours. Ours also counts the work before it begins, so that no
schema keeps a core busy.
"""

from collections.abc import Iterator
from functools import partial

import attrs

from benching import Faster, Outcome, Result, Skipped, Unit, alternate, peer_module
from decision_gate.core.json import JsonValue
from decision_gate.mcp.json_schema import JsonSchema

_NAME: JsonValue = {"type": "string", "minLength": 1, "maxLength": 255}

SMALL: JsonValue = {
    "type": "object",
    "properties": {"branch": _NAME, "coverage": {"type": "number", "minimum": 0, "maximum": 100}},
    "required": ["branch", "coverage"],
    "additionalProperties": False,
}

LARGE: JsonValue = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "finding": {
            "type": "object",
            "properties": {
                "id": _NAME,
                "severity": {"enum": ["low", "medium", "high", "critical"]},
                "path": {"oneOf": [{"type": "null"}, _NAME]},
                "fixed": {"type": "boolean"},
            },
            "required": ["id", "severity"],
            "additionalProperties": False,
        }
    },
    "type": "object",
    "properties": {
        "tool": {"type": "object", "properties": {"name": _NAME, "version": _NAME}, "required": ["name"]},
        "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}, "maxItems": 1000},
    },
    "required": ["tool", "findings"],
}

CASES: tuple[tuple[str, JsonValue, JsonValue], ...] = (
    ("two members", SMALL, {"branch": "main", "coverage": 87.5}),
    (
        "a report of 10 findings",
        LARGE,
        {
            "tool": {"name": "scanner", "version": "1.2.3"},
            "findings": [
                {"id": f"CVE-2026-{number}", "severity": "low", "path": None, "fixed": True} for number in range(10)
            ],
        },
    ),
)


def bench_accept() -> Iterator[Outcome]:
    peer = peer_module("jsonschema")
    for name, schema, value in CASES:
        case = f"schema check, {name}"
        if peer is None:
            yield Skipped(case=case, reason="jsonschema is not installed")
            continue
        ours, theirs = JsonSchema(schema).mistakes, peer.Draft202012Validator(schema).is_valid
        assert ours(value) == ()
        assert theirs(value)
        pair = alternate(partial(ours, value), partial(theirs, value))
        yield Result(case=case, unit=Unit.NANOSECONDS, peer="jsonschema", goal=Faster(50), **attrs.asdict(pair))
