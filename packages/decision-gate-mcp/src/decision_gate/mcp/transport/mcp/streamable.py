"""The SDK's streamable HTTP, without sessions, alive from the first message until the event loop ends.

No sessions in either era (``docs/adr/0004-mcp-without-sessions.md``): every request stands for itself, so that any of
several servers can answer it and nothing is lost with a restart.
"""

import asyncio
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings


class Streamable:
    """Serves one SDK server on one event loop."""

    def __init__(self, server: Server[Any], max_body_bytes: int) -> None:
        self._manager = StreamableHTTPSessionManager(
            server,
            # A JSON reply cannot tell that its client hung up; a stream can.
            json_response=False,
            stateless=True,
            # Host and origin are judged by the edge, by the same rule as for /rpc.
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            max_request_body_size=max_body_bytes,
        )
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start serving in a task of its own, which the end of the loop cancels."""
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(ready))
        await ready

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI, spelled three ways
        """Answer one admitted request."""
        await self._manager.handle_request(scope, receive, send)

    async def _live(self, ready: "asyncio.Future[None]") -> None:
        async with self._manager.run():
            ready.set_result(None)
            await asyncio.get_running_loop().create_future()
