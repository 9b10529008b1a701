"""How MCP clients are told where a server is: the entry of each, and the file that it stands in.

Formats as their makers document them in November 2026; a client that is not here takes the ``generic`` one, which most
have copied from each other. Tokens are never written: an entry names the environment variable, or the client asks.
"""

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import attrs

from decision_gate.core.json import JsonValue

ENTRY: Final = "decision-gate"
"""Name of the server in a client's list."""

_INPUT: Final = "decision-gate-token"


class McpClient(StrEnum):
    """The clients whose format is known."""

    CLAUDE_CODE = "claude-code"
    CLAUDE_DESKTOP = "claude-desktop"
    CURSOR = "cursor"
    VSCODE = "vscode"
    CODEX = "codex"
    GENERIC = "generic"


@attrs.frozen(kw_only=True)
class Started:
    """A server that the client starts itself and talks to over stdio."""

    command: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Reached:
    """A server that runs and is reached by its address; ``token_variable`` holds its token, none when it asks none."""

    url: str
    token_variable: str | None = None


Connection = Started | Reached


def client_entry(client: McpClient, connection: Connection) -> dict[str, JsonValue]:
    """Return the document that makes a client know the server, as if nothing else stood in its file."""
    match client:
        case McpClient.CODEX:
            return {"mcp_servers": {ENTRY: _codex(connection)}}
        case McpClient.VSCODE:
            return _vscode(connection)
        case McpClient.CURSOR:
            return {"mcpServers": {ENTRY: _untyped(connection, "${env:%s}")}}
        case McpClient.CLAUDE_DESKTOP:
            return {"mcpServers": {ENTRY: _untyped(connection, "${%s}")}}
        case McpClient.CLAUDE_CODE | McpClient.GENERIC:
            kind = "stdio" if isinstance(connection, Started) else "http"
            return {"mcpServers": {ENTRY: {"type": kind, **_untyped(connection, "${%s}")}}}


def client_file(client: McpClient, environment: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return the file of a client; that of the project here where the client has one, none for ``generic``."""
    match client:
        case McpClient.CLAUDE_CODE:
            return Path(".mcp.json")
        case McpClient.CURSOR:
            return Path(".cursor/mcp.json")
        case McpClient.VSCODE:
            return Path(".vscode/mcp.json")
        case McpClient.CODEX:
            return Path(".codex/config.toml")
        case McpClient.GENERIC:
            return None
        case McpClient.CLAUDE_DESKTOP:
            name = Path("Claude/claude_desktop_config.json")
            home = Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - asked with a fallback
            if platform == "darwin":
                return home / "Library/Application Support" / name
            if platform == "win32":
                return Path(environment.get("APPDATA", str(home))) / name
            return Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / name


def _untyped(connection: Connection, variable: str) -> dict[str, JsonValue]:
    match connection:
        case Started(command=(program, *arguments)):
            return {"command": program, "args": list(arguments)}
        case Reached(url=url, token_variable=None):
            return {"url": url}
        case Reached(url=url, token_variable=str(name)):
            return {"url": url, "headers": {"Authorization": f"Bearer {variable % name}"}}
        case _:
            raise ValueError("a command has a program")


def _vscode(connection: Connection) -> dict[str, JsonValue]:
    match connection:
        case Started():
            return {"servers": {ENTRY: {"type": "stdio", **_untyped(connection, "%s")}}}
        case Reached(token_variable=None):
            return {"servers": {ENTRY: {"type": "http", **_untyped(connection, "%s")}}}
        case Reached():
            headers: JsonValue = {"Authorization": f"Bearer ${{input:{_INPUT}}}"}
            return {
                "inputs": [
                    {"type": "promptString", "id": _INPUT, "description": "Decision Gate token", "password": True}
                ],
                "servers": {ENTRY: {"type": "http", "url": connection.url, "headers": headers}},
            }


def _codex(connection: Connection) -> dict[str, JsonValue]:
    match connection:
        case Started():
            return _untyped(connection, "%s")
        case Reached(token_variable=None):
            return {"url": connection.url}
        case Reached():
            return {"url": connection.url, "bearer_token_env_var": connection.token_variable}
