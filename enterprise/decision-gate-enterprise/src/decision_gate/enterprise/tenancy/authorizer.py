"""The tenant authorizer ``grants``: the database is the source of truth, and what it does not say is denied."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from decision_gate.enterprise.tenancy.access import Access, read_access
from decision_gate.enterprise.tenancy.recent import Recent
from decision_gate.enterprise.tenancy.scoped import ScopedPrincipal
from decision_gate.enterprise.tenancy.settings import DirectorySettings
from decision_gate.enterprise.tenancy.tables import tenancy_tables
from decision_gate.enterprise.transactions import Reader, open_transactions
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.verdict import Verdict

_ALLOWED: Final = Verdict(allowed=True, reason="tenant_scope_allowed")
_MISSING: Final = Verdict(allowed=False, reason="missing_tenant_id")
_UNMAPPED: Final = Verdict(allowed=False, reason="principal_unmapped")
_PRINCIPAL_NOT_ACTIVE: Final = Verdict(allowed=False, reason="principal_not_active")
_DENIED: Final = Verdict(allowed=False, reason="tenant_scope_denied")
_TENANT_NOT_ACTIVE: Final = Verdict(allowed=False, reason="tenant_not_active")
_TOOL_DENIED: Final = Verdict(allowed=False, reason="tool_not_granted")


@attrs.frozen(kw_only=True)
class GrantsSettings(DirectorySettings):
    """``[tenant_authorizer]`` of type ``grants``."""


class GrantsAuthorizer:
    """A ``TenantAuthorizer`` on grants: principal → tenant, namespaces → roles, tools.

    What an authenticator says about a principal may only narrow. Where nobody names a tenant there is nothing to judge,
    so a principal of several tenants without a billing tenant has to name one.
    """

    def __init__(self, reader: Reader, *, max_age_ms: int, monotonic_ms: Callable[[], float]) -> None:
        self._known: Recent[str, Access | None] = Recent(
            lambda principal_id: read_access(reader, principal_id), max_age_ms=max_age_ms, monotonic_ms=monotonic_ms
        )

    def authorize(self, principal: Principal, tool: str, tenant_id: int | None, namespace_id: int | None) -> Verdict:
        """See ``TenantAuthorizer``."""
        if tenant_id is None:
            return _MISSING
        access = self._known.get(principal.id)
        if access is None or not access.grants:
            return _UNMAPPED
        if not access.is_active:
            return _PRINCIPAL_NOT_ACTIVE
        covering = [grant for grant in access.in_tenant(tenant_id) if grant.covers(namespace_id)]
        if not covering or not _is_within(principal, tenant_id, namespace_id):
            return _DENIED
        if tenant_id not in access.active_tenants:
            return _TENANT_NOT_ACTIVE
        return _ALLOWED if any(grant.allows(tool) for grant in covering) else _TOOL_DENIED


def _is_within(principal: Principal, tenant_id: int, namespace_id: int | None) -> bool:
    """Whether the credential of a principal reaches that far; one without a scope reaches as far as the principal."""
    if principal.tenants and tenant_id not in principal.tenants:
        return False
    namespaces = principal.namespaces if isinstance(principal, ScopedPrincipal) else None
    return namespaces is None or namespace_id is None or namespace_id in namespaces


@contextmanager
def open_grants(settings: GrantsSettings) -> Iterator[GrantsAuthorizer]:
    """Open the tenant authorizer ``grants`` on the database of the runs."""
    with open_transactions(settings, [tenancy_tables()]) as database:
        yield GrantsAuthorizer(database, max_age_ms=settings.max_age_ms, monotonic_ms=monotonic_ms)


def monotonic_ms() -> float:
    """Return a clock that never goes back, in milliseconds."""
    return time.monotonic() * 1_000
