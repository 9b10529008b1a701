"""Speak MCP to a server in memory at the level of HTTP messages, without a socket and without a client library."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import attrs
import httpx

from decision_gate.core.json import JsonValue, parse, plain
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing.calls import TIME_PROVIDER
from decision_gate.mcp.testing.server import TestServer, open_test_server
from decision_gate.mcp.transport.serving import opened_app

MODERN: Final = "2026-07-28"
LEGACY: Final = "2025-11-25"
ORIGIN: Final = "http://127.0.0.1:4000"

HTTP_SERVER: Final = f'[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n{TIME_PROVIDER}'
"""A configuration that serves the worked scenario over HTTP."""

META: Final[dict[str, JsonValue]] = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}
"""What every request of the modern era carries."""


@attrs.frozen(kw_only=True)
class McpServer:
    """A test server behind its HTTP application."""

    server: TestServer
    app: Callable[..., Awaitable[None]]

    def send(self, *requests: httpx.Request, peer: str = "127.0.0.1") -> list[httpx.Response]:
        """Send requests one after another on one event loop."""

        async def all_of_them() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app=self.app, client=(peer, 5000))
            async with httpx.AsyncClient(transport=transport) as client:
                return [await client.send(request) for request in requests]

        return asyncio.run(all_of_them())

    def ask(
        self, method: str, params: Mapping[str, JsonValue] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send one request of the modern era."""
        return self.send(modern_post(method, params, headers))[0]

    def call(self, tool: str, arguments: JsonValue, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Call one tool in the modern era and return its result."""
        response = self.ask("tools/call", {"name": tool, "arguments": arguments}, headers)
        result: dict[str, Any] = message_of(response)["result"]
        return result

    def result(self, tool: str, arguments: JsonValue) -> JsonValue:
        """Call one tool that must succeed and return its JSON."""
        result = self.call(tool, arguments)
        assert result["isError"] is False, result
        value: JsonValue = result["structuredContent"]
        return value

    def refusal(self, tool: str, arguments: JsonValue) -> dict[str, Any]:
        """Call one tool that must be refused and return its error."""
        result = self.call(tool, arguments)
        assert result["isError"] is True, result
        error: dict[str, Any] = result["structuredContent"]["error"]
        return error


@contextmanager
def open_mcp_server(toml: str = HTTP_SERVER, seams: Seams | None = None) -> Iterator[McpServer]:
    """Open a server from the text of a configuration whose transport is HTTP."""
    with open_test_server(toml, seams) as server, opened_app(server.host) as app:
        yield McpServer(server=server, app=app)


def modern_body(method: str, params: Mapping[str, JsonValue] | None = None, request_id: JsonValue = 1) -> JsonValue:
    """Return a request of the modern era."""
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": {**(params or {}), "_meta": META}}


def modern_headers(method: str, name: JsonValue = None) -> dict[str, str]:
    """Return the headers that go with a request of the modern era."""
    headers = {"mcp-protocol-version": MODERN, "mcp-method": method}
    return headers if name is None else headers | {"mcp-name": str(name)}


def modern_post(
    method: str, params: Mapping[str, JsonValue] | None = None, headers: Mapping[str, str] | None = None
) -> httpx.Request:
    """Return a request of the modern era as a POST."""
    named = params or {}
    name = named.get("name", named.get("uri"))
    return post(modern_body(method, params), {**modern_headers(method, name), **(headers or {})})


def post(message: JsonValue | bytes, headers: Mapping[str, str] | None = None) -> httpx.Request:
    """Return a POST of a message, or of raw bytes."""
    accepted = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    content = message if isinstance(message, bytes) else plain(message)
    return httpx.Request("POST", f"{ORIGIN}/mcp", content=content, headers={**accepted, **(headers or {})})


def message_of(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON-RPC message of a response: its body, or the one event of its stream."""
    text = response.content
    if response.headers["content-type"].startswith("text/event-stream"):
        (text,) = (line[len(b"data: ") :] for line in text.splitlines() if line.startswith(b"data: "))
    message = parse(text)
    assert isinstance(message, dict), message
    return message
