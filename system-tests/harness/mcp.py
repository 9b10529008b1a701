"""The smallest clients of MCP in both of its eras, over ``/mcp`` and line by line over standard input."""

import contextlib
import itertools
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness import documents
from harness.framed import child_of_a_client, watched
from harness.rpc import Answer, Client

LEGACY, MODERN = "2025-11-25", "2026-07-28"
"""Protocol versions: with a handshake, and without one but with its facts in every request."""

HEADERS = {
    "accept": "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": LEGACY,
}


class RefusedError(KeyError):
    """A tool answered with an error; ``result`` is the whole result."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__(str(result["content"]))
        self.result = result


class McpClient(Client):
    """A caller of ``/mcp``: of the legacy era, without a session, unless ``era`` says otherwise."""

    era = LEGACY

    def ask(self, method: str, params: Mapping[str, Any], token: str | None = None) -> Answer:
        """Send one request and return the answer, whatever it is."""
        headers = dict(HEADERS) if token is None else HEADERS | {"authorization": f"Bearer {token}"}
        if self.era == MODERN:
            headers |= {"mcp-protocol-version": MODERN, "mcp-method": method}
            name = params.get("name", params.get("uri"))
            headers |= {} if name is None else {"mcp-name": str(name)}
        return self.post(documents.envelope(method, params_of(self.era, params)), headers, "/mcp")

    def told(self, method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a wire value
        """Send one request and return its message: the body, or the last event of a stream."""
        body = self.ask(method, params).body
        data = [line.removeprefix(b"data: ") for line in body.splitlines() if line.startswith(b"data: ")]
        return json.loads(data[-1] if data else body)

    def call(self, tool: str, arguments: Any) -> Any:  # noqa: ANN401 - a wire value
        """Call a tool and return its structured result. Raise ``RefusedError`` when it is refused."""
        return structured(self.told("tools/call", {"name": tool, "arguments": arguments})["result"])


class ModernClient(McpClient):
    """A caller of ``/mcp`` of the modern era."""

    era = MODERN


class LineSession:
    """The client's side of one session over standard input and output."""

    def __init__(self, process: subprocess.Popen[bytes], era: str) -> None:
        self._process = process
        self.era = era
        self._ids = itertools.count(1)
        if era == LEGACY:
            client = {"name": "tests", "version": "1"}
            self.told("initialize", {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client})
            self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def told(self, method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a wire value
        """Ask, and return the message that answers. Raise ``EOFError`` when there is none."""
        number = next(self._ids)
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params_of(self.era, params)})
        with watched(self._process) as stream:
            while line := stream.readline():
                message = json.loads(line)
                if message.get("id") == number:
                    return message
        raise EOFError

    def call(self, tool: str, arguments: Any) -> Any:  # noqa: ANN401 - a wire value
        """Call a tool and return its structured result. Raise ``RefusedError`` when it is refused."""
        return structured(self.told("tools/call", {"name": tool, "arguments": arguments})["result"])

    def _send(self, message: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(documents.text(message).encode() + b"\n")
            self._process.stdin.flush()


@contextlib.contextmanager
def line_session(folder: Path, config: str, environment: Mapping[str, str], era: str) -> Iterator[LineSession]:
    """Run a server as the child of an MCP client of one era."""
    with child_of_a_client(folder, config, environment) as process:
        yield LineSession(process, era)


def params_of(era: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a request as an era sends them."""
    if era == LEGACY:
        return dict(params)
    meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    return {**params, "_meta": meta}


def structured(result: dict[str, Any]) -> Any:  # noqa: ANN401 - a wire value
    """Return the structured content of a result. Raise ``RefusedError`` when the call was refused."""
    if result.get("isError"):
        raise RefusedError(result)
    return result["structuredContent"]
