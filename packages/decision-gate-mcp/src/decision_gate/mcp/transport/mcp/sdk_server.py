"""The SDK's low-level server over our pipeline: handlers translate, ask the pipeline in a thread, translate back.

The SDK answers discovery, handshake and ping itself. Its legacy era would send the text of an unexpected exception to
the client; every handler is therefore wrapped, and so is whatever the SDK does around it.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, TypeVar

import attrs
import mcp_types as types
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.mcp_pipeline import JSON_TYPE, McpPipeline
from decision_gate.mcp.refusals import INTERNAL_ERROR, INVALID_PARAMS, Refusal
from decision_gate.mcp.run_uris import RUN_TEMPLATE, RUNPACK_TEMPLATE
from decision_gate.mcp.tools.catalogue import ToolText, published_tools
from decision_gate.mcp.transport.mcp import results
from decision_gate.mcp.transport.mcp.catalogue import instructions, mcp_tool
from decision_gate.mcp.transport.mcp.passage import STATE_KEY, Passage, in_thread
from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
Context = ServerRequestContext[Any, Any]

NAME: Final = "decision-gate"
LEGACY_RESOURCE_NOT_FOUND: Final = -32002
"""What clients of the handshake era expect; the modern revision forbids it."""

_LISTS_TTL_MS: Final = 60_000
_DISCOVER_TTL_MS: Final = 3_600_000


def sdk_server(pipeline: McpPipeline, pool: Executor) -> Server[Any]:
    """Return a server whose handlers work in ``pool``."""
    handlers = _Handlers(pipeline=pipeline, pool=pool)
    private = CacheHint(ttl_ms=_LISTS_TTL_MS, scope="private")
    server: Server[Any] = Server(
        NAME,
        version=_release(),
        title="Decision Gate",
        instructions=instructions(),
        cache_hints={
            "server/discover": CacheHint(ttl_ms=_DISCOVER_TTL_MS, scope="public"),
            # What is listed depends on who asks; what is read changes with every step of a run.
            "tools/list": private,
            "resources/list": private,
            "resources/templates/list": private,
            "resources/read": CacheHint(ttl_ms=0, scope="private"),
        },
        get_tool_input_schema=_published_schema,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
    )
    server.middleware.append(_sealed)
    return server


def passage_of(context: Context) -> Passage:
    """Return what the transport attached to the message: the passage itself on stdio, an HTTP request around it."""
    request = context.request
    if isinstance(request, Passage):
        return request
    passage = request.scope["state"][STATE_KEY] if request is not None else None
    if not isinstance(passage, Passage):
        raise TypeError("a message came past the transport")
    return passage


@attrs.frozen(kw_only=True)
class _Handlers:
    pipeline: McpPipeline
    pool: Executor
    _entries: dict[str, types.Tool] = attrs.field(factory=dict, init=False)

    async def list_tools(self, context: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        offered = await self._asked(context, self.pipeline.offered)
        if isinstance(offered, Refusal):
            raise _protocol_error(offered, passage_of(context))
        return types.ListToolsResult(tools=[self._listed(text) for text in offered])

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        arguments: JsonValue = dict(params.arguments or {})
        answer = await self._asked(context, partial(self.pipeline.call, params.name, arguments))
        protocol = context.protocol_version
        if isinstance(answer, Refusal):
            passage = passage_of(context)
            if answer.wire.kind == "method_not_found":
                raise _protocol_error(answer, passage)
            return results.failed(answer, passage.request.server_correlation_id, protocol)
        return results.succeeded(answer, results.run_links(params.name, arguments), protocol)

    async def list_resources(
        self, context: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        listed = await self._asked(context, self.pipeline.resources)
        if isinstance(listed, Refusal):
            raise _protocol_error(listed, passage_of(context))
        return types.ListResourcesResult(resources=[results.resource_entry(entry) for entry in listed])

    async def list_templates(
        self, _context: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    uri_template=RUN_TEMPLATE,
                    name="run",
                    title="State of a run",
                    description="Where a run stands, and its last decisions.",
                    mime_type=JSON_TYPE,
                ),
                types.ResourceTemplate(
                    uri_template=RUNPACK_TEMPLATE,
                    name="runpack",
                    title="Run pack of a run",
                    description="Manifest of the run pack of a run as it is now: every file with its hash.",
                    mime_type=JSON_TYPE,
                ),
            ]
        )

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        uri = str(params.uri)
        read = await self._asked(context, partial(self.pipeline.read, uri))
        if isinstance(read, Refusal):
            raise _unreadable(read, uri, context)
        return types.ReadResourceResult(contents=[results.resource_text(resource) for resource in read])

    def _listed(self, text: ToolText) -> types.Tool:
        entry = self._entries.get(text.name)
        if entry is None:
            entry = self._entries[text.name] = results.listed(mcp_tool(text))
        return entry

    async def _asked(self, context: Context, question: Callable[..., _T]) -> _T:
        """Ask the pipeline in a thread, on behalf of the message's sender."""
        passage = passage_of(context)
        request = attrs.evolve(passage.request, request_id=plain(context.request_id).decode())
        passage.is_told = True
        return await in_thread(
            self.pool, passage.permit, partial(question, request=request, body_bytes=passage.body_bytes)
        )


async def _sealed(ctx: Context, call_next: CallNext) -> HandlerResult:
    """Let nothing out but results and errors that were meant for the client."""
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except Exception:  # noqa: BLE001 - the border: nothing else may reach the client
        _LOG.exception("unexpected error while answering %s", ctx.method)
        raise MCPError(code=INTERNAL_ERROR, message="Internal error") from None


def _protocol_error(refused: Refusal, passage: Passage) -> MCPError:
    return MCPError(
        code=refused.json_rpc_code,
        message=refused.wire.message,
        data=refused.value(passage.request.server_correlation_id),
    )


def _unreadable(refused: Refusal, uri: str, context: Context) -> MCPError:
    """Return why a resource cannot be read; a foreign one looks like an unknown one as far as the guards say so."""
    error = _protocol_error(refused, passage_of(context))
    code = error.error.code
    if code == INVALID_PARAMS and context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        code = LEGACY_RESOURCE_NOT_FOUND
    return MCPError(code=code, message=refused.wire.message, data={**error.error.data, "uri": uri})


@cache
def _published_schema(name: str) -> dict[str, Any] | None:
    text = published_tools().get(name)
    return None if text is None else mcp_tool(text).input_schema


def _release() -> str:
    try:
        return version("decision-gate-mcp")
    except PackageNotFoundError:
        return "0+source"
