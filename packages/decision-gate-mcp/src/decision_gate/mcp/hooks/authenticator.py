"""Contract: recognise the caller of a request (group ``decision_gate.authenticators``)."""

from typing import Protocol

from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.request import RequestContext


class Authenticator(Protocol):
    """Turns what a request carries into a principal. Called from many threads at once."""

    def authenticate(self, request: RequestContext) -> Principal:
        """Return the caller.

        Raises:
            UnauthenticatedError: Nothing, or nothing valid, identifies the caller (401).
            UnauthorizedError: The caller is identified and not admitted (403).
        """
        ...

    def challenge(self) -> str | None:
        """Return the ``WWW-Authenticate`` value of a 401, none when the method has no challenge."""
        ...
