"""The smallest client of ``/mcp``: tool calls of the 2025-11-25 era, without a session."""

import json
from typing import Any

from harness import documents
from harness.rpc import Client

HEADERS = {
    "accept": "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": "2025-11-25",
}


class McpClient(Client):
    """A caller that speaks MCP."""

    def call(self, tool: str, arguments: Any) -> Any:  # noqa: ANN401 - a wire value
        """Call a tool and return its structured result. Raise ``KeyError`` when it is refused."""
        answer = self.post(documents.call(tool, arguments), HEADERS, "/mcp")
        data = [line.removeprefix(b"data: ") for line in answer.body.splitlines() if line.startswith(b"data: ")]
        result = json.loads(data[-1] if data else answer.body)["result"]
        if result.get("isError"):
            raise KeyError(result["content"])
        return result["structuredContent"]
