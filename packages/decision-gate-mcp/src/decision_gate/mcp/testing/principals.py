"""Callers for tests."""

from decision_gate.mcp.hooks.principal import BEARER_TOKEN, LOCAL, Principal, Role
from decision_gate.mcp.hooks.request import RequestContext


def local_principal(*roles: Role) -> Principal:
    """Return the loopback caller."""
    return Principal(id="loopback", method=LOCAL, subject="loopback", roles=roles)


def token_principal(
    name: str = "token:abc", *, billing_tenant: int | None = None, roles: tuple[Role, ...] = ()
) -> Principal:
    """Return a caller with a bearer token."""
    return Principal(id=name, method=BEARER_TOKEN, token_fingerprint=name, billing_tenant=billing_tenant, roles=roles)


def request_context(
    *, peer_ip: str | None = "127.0.0.1", auth_header: str | None = None, client_subject: str | None = None
) -> RequestContext:
    """Return an HTTP request."""
    return RequestContext(
        transport="http",
        peer_ip=peer_ip,
        auth_header=auth_header,
        client_subject=client_subject,
        server_correlation_id="dg-0000000000000000-0000000000000001",
    )
