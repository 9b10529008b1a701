"""Contract and default: may this caller act in this tenant (``decision_gate.tenant_authorizers``, §4.5)."""

from typing import Protocol

from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.verdict import Verdict


class TenantAuthorizer(Protocol):
    """Judges one call of one tool in one tenant. Called from many threads at once."""

    def authorize(self, principal: Principal, tool: str, tenant_id: int | None, namespace_id: int | None) -> Verdict:
        """Judge the call.

        ``tenant_id`` is what the arguments name, else the principal's billing tenant (deviation X7); none
        only for a principal that has no billing tenant. An implementation that isolates tenants must deny
        none.

        Raises:
            StoreError: The judgement cannot be made; the call fails closed.
        """
        ...


class LocalTenantAuthorizer:
    """The open server's default: one operator owns every tenant, everybody may use each (contract §4.5)."""

    def authorize(self, principal: Principal, tool: str, tenant_id: int | None, namespace_id: int | None) -> Verdict:
        """Allow."""
        del principal, tool, tenant_id, namespace_id
        return _ALLOWED


_ALLOWED = Verdict(allowed=True, reason="noop_allow")
