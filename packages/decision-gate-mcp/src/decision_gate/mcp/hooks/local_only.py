"""Authentication by being on this machine: stdio, or a loopback peer (contract §4.1)."""

from decision_gate.mcp.config.bind import is_loopback_ip
from decision_gate.mcp.hooks.errors import UnauthenticatedError
from decision_gate.mcp.hooks.principal import LOCAL, Principal
from decision_gate.mcp.hooks.principal_table import Principals
from decision_gate.mcp.hooks.request import RequestContext

STDIO = "stdio"
LOOPBACK = "loopback"


class LocalOnlyAuthenticator:
    """Admits stdio and loopback peers; a mapped ``::ffff:127.0.0.1`` is not loopback."""

    def __init__(self, principals: Principals) -> None:
        self._stdio = principals.complete(STDIO, LOCAL, subject=STDIO)
        self._loopback = principals.complete(LOOPBACK, LOCAL, subject=LOOPBACK)

    def authenticate(self, request: RequestContext) -> Principal:
        """Return ``stdio`` or ``loopback``. Raise ``UnauthenticatedError`` for every other peer."""
        if request.transport == STDIO:
            return self._stdio
        if request.peer_ip == "127.0.0.1" or (request.peer_ip and is_loopback_ip(request.peer_ip)):
            return self._loopback
        raise UnauthenticatedError("peer is not loopback")

    def challenge(self) -> None:
        """Return none: there is nothing a client could present."""
        return
