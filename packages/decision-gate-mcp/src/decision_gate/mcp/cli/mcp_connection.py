"""How a client reaches the server of a configuration, or why it cannot."""

import sys
from pathlib import Path
from typing import ClassVar, Final

from decision_gate.core.errors import ConfigurationError
from decision_gate.mcp.cli.mcp_clients import Connection, McpClient, Reached, Started
from decision_gate.mcp.config import Config
from decision_gate.mcp.config.auth import AuthMode
from decision_gate.mcp.config.load import DEFAULT_NAME
from decision_gate.mcp.config.secrets import EnvSecret
from decision_gate.mcp.config.server import ServerTable, Transport

TOKEN_VARIABLE: Final = "DECISION_GATE_TOKEN"  # noqa: S105 - the name of a variable
MCP_PATH: Final = "/mcp"

_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, not bound


class UnreachableError(ConfigurationError):
    """The server cannot be reached by this client as it is configured."""

    code: ClassVar[str] = "client_unreachable"


def connection_to(config: Config, path: Path, client: McpClient, *, url: str | None = None) -> Connection:
    """Return how *client* reaches the server of the configuration at *path*.

    Args:
        config: The configuration.
        path: Where it is, from the working directory; a server that the client starts is started there.
        client: Claude Desktop only knows servers that it starts itself.
        url: Where the server is to the client, when that is not its own address.

    Raises:
        UnreachableError: MCP is off, or the client cannot do what the server asks of its callers.
    """
    if not config.server.mcp.enabled:
        raise UnreachableError("server.mcp.enabled is false, so no MCP client can use this server")
    is_started = config.server.transport is Transport.STDIO and url is None
    if is_started or (client is McpClient.CLAUDE_DESKTOP and url is None):
        if not config.is_local_only:
            raise UnreachableError(
                "claude-desktop only starts servers itself, and this one asks its callers for a token: "
                f"add it as a connector in the client's settings, with the address {endpoint(config.server)}"
            )
        return _started(path)
    if client is McpClient.CLAUDE_DESKTOP:
        raise UnreachableError("claude-desktop does not read addresses from its file: add a connector in its settings")
    return Reached(url=url or endpoint(config.server), token_variable=_token_variable(config))


def endpoint(server: ServerTable) -> str:
    """Return the address of ``/mcp`` as this machine sees it. Raise ``InvalidConfigError`` without a bind address."""
    return base_url(server) + MCP_PATH


def base_url(server: ServerTable) -> str:
    """Return scheme, host and port of a server as this machine sees it; see ``endpoint``."""
    address = server.address()
    host = _EVERY_ADDRESS.get(address.host, f"[{address.host}]" if ":" in address.host else address.host)
    return f"{'http' if server.tls is None else 'https'}://{host}:{address.port}"


def _started(path: Path) -> Started:
    """Start it as ``serve`` would start here: a client starts programs wherever it happens to be."""
    # By its whole path, since programs with a desktop icon do not have the PATH of a shell.
    program = Path(sys.executable).parent / "decision-gate"
    command = [str(program) if program.exists() else "decision-gate", "serve", "--folder", str(Path.cwd())]
    command += [] if path == Path(DEFAULT_NAME) else ["--config", str(path)]
    return Started(command=(*command, "--transport", "stdio"))


def _token_variable(config: Config) -> str | None:
    """Name the variable that a client reads its token from: the server's own where that is one, else the usual one."""
    if config.authenticator is not None:
        # A plug-in may sign callers in by the browser, for which clients need no entry.
        return None if config.is_local_only or config.authenticator.type == "oidc" else TOKEN_VARIABLE
    match config.server.auth.mode:
        case AuthMode.BEARER_TOKEN:
            [first, *_] = config.server.auth.bearer_tokens
            return first.name if isinstance(first, EnvSecret) else TOKEN_VARIABLE
        case AuthMode.MTLS:
            raise UnreachableError("mcp clients have no client certificates: put a proxy with one in front, see --url")
        case AuthMode.LOCAL_ONLY:
            return None
