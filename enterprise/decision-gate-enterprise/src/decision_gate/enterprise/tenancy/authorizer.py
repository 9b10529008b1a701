"""The tenant authorizer ``grants``: the database is the source of truth, and what it does not say is denied."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from decision_gate.enterprise.database import DatabaseSettings, open_beside
from decision_gate.enterprise.stores.postgres.session import Session
from decision_gate.enterprise.tenancy.grants import GrantStore
from decision_gate.enterprise.tenancy.postgres_grants import PostgresGrants
from decision_gate.enterprise.tenancy.sqlite_grants import SqliteGrants, SqliteGrantsTable
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.verdict import Verdict

_ALLOWED = Verdict(allowed=True, reason="tenant_scope_allowed")
_MISSING = Verdict(allowed=False, reason="missing_tenant_id")
_UNMAPPED = Verdict(allowed=False, reason="principal_unmapped")
_DENIED = Verdict(allowed=False, reason="tenant_scope_denied")


@attrs.frozen(kw_only=True)
class GrantsSettings(DatabaseSettings):
    """``[tenant_authorizer]`` of type ``grants``."""


class GrantsAuthorizer:
    """A ``TenantAuthorizer`` on grants. Nothing is cached: a withdrawn grant is refused from the next call on."""

    def __init__(self, grants: GrantStore) -> None:
        self._grants = grants

    def authorize(self, principal: Principal, tool: str, tenant_id: int | None, namespace_id: int | None) -> Verdict:
        """See ``TenantAuthorizer``; what an authenticator says about tenants of a principal may only narrow a grant."""
        del tool
        if tenant_id is None:
            return _MISSING
        grant = self._grants.find(principal.id, tenant_id)
        if grant is None:
            return _DENIED if self._grants.has_any(principal.id) else _UNMAPPED
        if principal.tenants and tenant_id not in principal.tenants:
            return _DENIED
        return _ALLOWED if grant.covers(namespace_id) else _DENIED


@contextmanager
def open_grants(settings: GrantsSettings) -> Iterator[GrantsAuthorizer]:
    """Open the tenant authorizer ``grants`` on the database of the runs."""
    with open_grant_store(settings) as grants:
        yield GrantsAuthorizer(grants)


@contextmanager
def open_grant_store(settings: DatabaseSettings) -> Iterator[GrantStore]:
    """Open the grants themselves, for the authorizer and for administration."""
    with open_beside(settings, PostgresGrants.family(), SqliteGrantsTable()) as database:
        yield PostgresGrants(database) if isinstance(database, Session) else SqliteGrants(database)
