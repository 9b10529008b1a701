"""What MCP tells of each tool: schemas that every client accepts, titles, hints (``tools.json`` beside it).

The input schema is that of the catalogue, with three changes: members that the server assigns are not required, the
dialect is not named (it is the protocol's default), and "any JSON" is written as no type instead of a list of all
types. An output schema is one object without required members and without combinators at its root, which the result
and an error both match: some clients drop a tool, or a reply, for less.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import attrs

from decision_gate.core.json import JsonValue, parse
from decision_gate.mcp.tools.assigned import ASSIGNED, Assigned
from decision_gate.mcp.tools.catalogue import ToolText

ERROR_SCHEMA: Final[dict[str, JsonValue]] = {
    "type": "object",
    "description": "Present instead of everything else when the call was refused.",
    "properties": {
        "kind": {"type": "string", "description": "For programs."},
        "message": {"type": "string"},
        "retryable": {"type": "boolean"},
        "retry_after_ms": {"type": "integer"},
        "correlation_id": {"type": "string", "description": "Finds the call in the server's audit."},
        "quota": {"type": "object", "description": "Which quota is used up, and how it stands."},
        "hint": {"type": "string", "description": "What to do."},
    },
}

_ANY_JSON: Final = frozenset({"null", "boolean", "number", "string", "array", "object"})


@attrs.frozen(kw_only=True)
class McpTool:
    """One entry of ``tools/list``; ``hints`` are the annotations, which are never policy."""

    name: str
    title: str
    description: str
    input_schema: dict[str, JsonValue]
    output_schema: dict[str, JsonValue] | None
    hints: Mapping[str, bool]


def mcp_tool(text: ToolText) -> McpTool:
    """Return the entry of a tool; one of a plug-in has no output schema and no hints."""
    entry = _entries().get(text.name, {})
    output = entry.get("output")
    hints = entry.get("annotations")
    return McpTool(
        name=text.name,
        title=str(entry.get("title", text.name)),
        description=str(entry.get("description", text.description)),
        input_schema=input_schema(text),
        output_schema=_output_schema(output) if isinstance(output, dict) else None,
        hints={name: value is True for name, value in hints.items()} if isinstance(hints, dict) else {},
    )


def input_schema(text: ToolText) -> dict[str, JsonValue]:
    """Return the input schema of a tool for MCP."""
    schema = _plain_members({key: value for key, value in text.input_schema.items() if key != "$schema"})
    for path, what in ASSIGNED.get(text.name, {}).items():
        _relax(schema, path, what)
    schema.setdefault("properties", {})
    return schema


def _output_schema(properties: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {"type": "object", "properties": {**properties, "error": ERROR_SCHEMA}}


def _relax(schema: dict[str, Any], path: tuple[str, ...], what: Assigned) -> None:
    """Make one member of our own schema optional and say what it is when absent."""
    *parents, member = path
    place = schema
    for parent in parents:
        place = place["properties"][parent]
    place["required"] = [name for name in place["required"] if name != member]
    described = place["properties"][member]
    said = described.get("description")
    note = f"When absent: {what.value}."
    described["description"] = f"{said} {note}" if said else note


def _plain_members(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return a copy in which a list of all types is no type."""
    return {
        key: _plain(value)
        for key, value in schema.items()
        if not (key == "type" and isinstance(value, list) and _ANY_JSON.issuperset(map(str, value)))
    }


def _plain(schema: JsonValue) -> JsonValue:
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    return _plain_members(schema) if isinstance(schema, dict) else schema


@cache
def _entries() -> dict[str, dict[str, JsonValue]]:
    raw = resources.files("decision_gate.mcp").joinpath("transport", "mcp", "tools.json").read_bytes()
    entries: dict[str, dict[str, JsonValue]] = parse(raw)  # type: ignore[assignment] # our own file
    return entries


@cache
def instructions() -> str:
    """Return what the server tells an agent about itself: how to use the tools together."""
    path = resources.files("decision_gate.mcp").joinpath("transport", "mcp", "instructions.md")
    return path.read_text(encoding="utf-8").strip()
