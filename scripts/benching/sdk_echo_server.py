"""The official MCP SDK with a tool that returns its arguments, served as ours is: stateless, a stream for each reply.

Run as ``python -P sdk_echo_server.py PORT``.
"""

import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.routing import Mount

Context = ServerRequestContext[Any, Any]


async def list_tools(_context: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
    """List the one tool."""
    return types.ListToolsResult(tools=[types.Tool(name="echo", input_schema={"type": "object"})])


async def call_tool(_context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
    """Return the arguments, as text and as structured content."""
    arguments = dict(params.arguments or {})
    text = types.TextContent(type="text", text=str(arguments))
    return types.CallToolResult(content=[text], structured_content=arguments, is_error=False)


def app() -> Starlette:
    """Return the application."""
    server: Server[Any] = Server("echo", version="1", on_list_tools=list_tools, on_call_tool=call_tool)
    manager = StreamableHTTPSessionManager(
        server,
        json_response=False,
        stateless=True,
        security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return Starlette(routes=[Mount("/mcp", manager.handle_request)], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(app(), port=int(sys.argv[1]), log_config=None, access_log=False)
