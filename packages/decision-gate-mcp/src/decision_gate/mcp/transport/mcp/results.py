"""Answers of the pipeline as the SDK's results. A tool's JSON is both the text block and the structured content."""

from collections.abc import Iterable
from typing import Final

import attrs
import mcp_types as types

from decision_gate.core.json import JsonValue, parse, plain
from decision_gate.core.limits import MAX_RECORD_DEPTH
from decision_gate.mcp.mcp_pipeline import JSON_TYPE, Resource
from decision_gate.mcp.refusals import Refusal
from decision_gate.mcp.run_uris import RunUri
from decision_gate.mcp.transport.mcp.catalogue import McpTool

STRUCTURED_SINCE: Final = "2025-06-18"
"""First revision with structured content and resource links; revisions compare as text."""

_RUN_MEMBERS: Final = {
    "scenario_start": "run_config",
    "scenario_status": "request",
    "scenario_next": "request",
    "scenario_submit": "request",
    "scenario_trigger": "trigger",
    "runpack_export": None,
}
"""Of each tool about a run, the member of its arguments that names the run; none for the arguments themselves."""


def listed(tool: McpTool) -> types.Tool:
    """Return the entry of ``tools/list``."""
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=types.ToolAnnotations.model_validate({"title": tool.title, **tool.hints}),
    )


def succeeded(text: bytes, links: Iterable[types.ResourceLink], version: str) -> types.CallToolResult:
    """Return the result of a call; ``text`` is the JSON text of an object."""
    blocks: list[types.ContentBlock] = [types.TextContent(type="text", text=text.decode())]
    if version < STRUCTURED_SINCE:
        return types.CallToolResult(content=blocks)
    return types.CallToolResult(content=[*blocks, *links], structured_content=parse(text, max_depth=MAX_RECORD_DEPTH))


def failed(refusal: Refusal, correlation_id: str, version: str) -> types.CallToolResult:
    """Return a refused call as a result that a model can read and a program can take apart."""
    value: dict[str, JsonValue] = {"error": refusal.value(correlation_id)}
    blocks: list[types.ContentBlock] = [types.TextContent(type="text", text=plain(value).decode())]
    structured = None if version < STRUCTURED_SINCE else value
    return types.CallToolResult(content=blocks, structured_content=structured, is_error=True)


def run_links(tool: str, arguments: JsonValue) -> tuple[types.ResourceLink, ...]:
    """Return links to the run that a call was about, and after an export to its run pack."""
    if tool not in _RUN_MEMBERS:
        return ()
    run = _run_of(arguments, _RUN_MEMBERS[tool])
    if run is None:
        return ()
    state = types.ResourceLink(
        type="resource_link",
        uri=str(run),
        name=f"run {run.run_id}",
        description="Where the run stands, and its decisions.",
        mime_type=JSON_TYPE,
    )
    if tool != "runpack_export":
        return (state,)
    pack = types.ResourceLink(
        type="resource_link",
        uri=str(attrs.evolve(run, is_runpack=True)),
        name=f"run pack of {run.run_id}",
        description="Manifest of the run pack: every file with its hash, and the root hash.",
        mime_type=JSON_TYPE,
    )
    return state, pack


def resource_entry(resource: Resource) -> types.Resource:
    """Return the entry of ``resources/list``."""
    return types.Resource(
        uri=resource.uri,
        name=resource.name or resource.uri,
        description=resource.description or None,
        mime_type=resource.media_type,
    )


def resource_text(resource: Resource) -> types.TextResourceContents:
    """Return what was read."""
    return types.TextResourceContents(uri=resource.uri, mime_type=resource.media_type, text=resource.text)


def _run_of(arguments: JsonValue, member: str | None) -> RunUri | None:
    match arguments:
        case {"scenario_id": str(scenario_id), **rest}:
            place = rest if member is None else rest.get(member)
        case _:
            return None
    match place:
        case {"tenant_id": int(tenant_id), "namespace_id": int(namespace_id), "run_id": str(run_id)}:
            return RunUri(tenant_id=tenant_id, namespace_id=namespace_id, scenario_id=scenario_id, run_id=run_id)
        case _:
            return None
