"""What is known about a request before anything in it is believed (contract §1.1)."""

from enum import Enum
from typing import Final

import attrs

from decision_gate.core.records import maker
from decision_gate.mcp.hooks.principal import Principal

TENANT: Final = "tenant"


class Dialect(Enum):
    """How a request is spelled; where the two differ on purpose, the deviation says so (S8, X14, W5)."""

    RPC = "rpc"
    MCP = "mcp"


@attrs.define(eq=False)
class Sender:
    """Whom a request turned out to come from, told by the guards to the transport that admits the next one.

    Attributes:
        share: ``tenant`` and the one that was judged, else ``principal`` and who it is; none until it was let in.
            Never shown to anybody.
    """

    share: tuple[str, str] | None = None


@attrs.frozen(kw_only=True)
class RequestContext:
    """Where a request came from.

    Attributes:
        transport: ``stdio``, ``http`` or ``sse``.
        peer_ip: Address of the TCP peer, never a forwarded header; none for stdio.
        auth_header: Value of ``Authorization``; none when absent or not visible ASCII.
        client_subject: Subject of the verified client certificate, or what a trusted proxy says it is
            (deviation X1).
        client_correlation_id: Checked ``x-correlation-id`` of the client. Untrusted text.
        server_correlation_id: The server's own id of this request; the operation key of everything it is
            billed for.
        idempotency_key: The caller's ``Idempotency-Key``: a repeated call with the same key and arguments is billed
            once.
        request_id: JSON text of the JSON-RPC id, once the envelope is parsed.
        dialect: ``/rpc`` and its frames, or MCP.
        caller: Who it is, where the transport has already asked the authenticator; the guards do not ask it twice.
        sender: Where the guards tell whom it turned out to come from; none when nobody wants to know.
    """

    transport: str
    peer_ip: str | None = None
    auth_header: str | None = None
    client_subject: str | None = None
    client_correlation_id: str | None = None
    server_correlation_id: str
    idempotency_key: str | None = None
    request_id: str | None = None
    dialect: Dialect = Dialect.RPC
    caller: Principal | None = None
    sender: Sender | None = None

    def identified(self, request_id: str) -> "RequestContext":
        """Return this context with the id of the envelope, at a quarter of the price of ``attrs.evolve``."""
        return _make_context(
            self.transport,
            self.peer_ip,
            self.auth_header,
            self.client_subject,
            self.client_correlation_id,
            self.server_correlation_id,
            self.idempotency_key,
            request_id,
            self.dialect,
            self.caller,
            self.sender,
        )


_make_context = maker(RequestContext)
