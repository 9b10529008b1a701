"""What ``tools/list`` tells of each tool: package data, one entry a tool (contract §1.11)."""

from collections.abc import Iterable
from functools import cache
from importlib import resources

import attrs

from decision_gate.core.json import JsonValue, parse, plain
from decision_gate.mcp.tool_names import TOOL_NAMES


@attrs.frozen(kw_only=True)
class ToolText:
    """Published description of one tool. The input schema is documentation: arguments are decoded, not validated."""

    name: str
    description: str
    input_schema: dict[str, JsonValue]

    def wire(self) -> dict[str, JsonValue]:
        """Return the entry of ``tools/list``."""
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": self.input_schema,
        }


@cache
def published_tools() -> dict[str, ToolText]:
    """Read the descriptions of every tool of the wire."""
    raw = resources.files("decision_gate.mcp").joinpath("tools", "catalogue.json").read_bytes()
    entries: dict[str, dict[str, JsonValue]] = parse(raw)  # type: ignore[assignment] # our own file
    return {
        name: ToolText(
            name=name,
            description=str(entry["description"]),
            input_schema=entry["input_schema"],  # type: ignore[arg-type] # our own file
        )
        for name, entry in entries.items()
    }


def texts_of(tools: Iterable[str], extra: Iterable[ToolText] = ()) -> tuple[ToolText, ...]:
    """Return the descriptions of these tools: the wire's in its order, then those of plug-ins."""
    named = frozenset(tools)
    return (
        *(published_tools()[name] for name in TOOL_NAMES if name in named),
        *(text for text in extra if text.name in named),
    )


@cache
def published_outputs() -> dict[str, dict[str, JsonValue]]:
    """Read the schemas of what each tool answers on ``/rpc``; closed, every member that is always there required."""
    raw = resources.files("decision_gate.mcp").joinpath("tools", "outputs.json").read_bytes()
    schemas: dict[str, dict[str, JsonValue]] = parse(raw)  # type: ignore[assignment] # our own file
    return schemas


def listing(tools: Iterable[str], extra: Iterable[ToolText] = ()) -> bytes:
    """Return the JSON text of a ``tools/list`` result."""
    return plain({"tools": [text.wire() for text in texts_of(tools, extra)]})
