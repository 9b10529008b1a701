"""From somebody who was recognised to the caller that the guards judge: rights come from the directory.

Every way of recognising somebody ends here. What a credential says can only narrow (contract §4.9, DM-1).
"""

import attrs

from decision_gate.enterprise.tenancy.access import Access
from decision_gate.enterprise.tenancy.roles import TENANT_ADMIN
from decision_gate.enterprise.tenancy.scoped import ScopedPrincipal
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.principal import Role


@attrs.frozen(kw_only=True)
class Credential:
    """How somebody was recognised, and what the credential narrows; none of it widens anything.

    Attributes:
        method: Name of the method, for the audit.
        subject: What the audit calls the credential; never a secret.
        tenants: Tenants that it is good for; none for every tenant of the principal.
        namespaces: Namespaces that it is good for; none for all.
        tools: Tools that it is good for; none for all.
    """

    method: str
    subject: str
    tenants: frozenset[int] | None = None
    namespaces: frozenset[int] | None = None
    tools: frozenset[str] | None = None


def caller(access: Access | None, credential: Credential) -> ScopedPrincipal:
    """Return the caller.

    A principal of one tenant is billed there. One whose credential is good for several has no billing tenant: it has to
    name the tenant in every call, or is refused.

    Raises:
        UnauthorizedError: The principal is unknown or not active, or there is no active tenant for it.
    """
    if access is None:
        raise UnauthorizedError("principal unknown")
    if not access.is_active:
        raise UnauthorizedError("principal not active")
    home = access.principal.billing_tenant
    granted = {grant.tenant_id for grant in access.grants}
    reachable = granted if credential.tenants is None else granted & credential.tenants
    tenants = sorted(reachable & access.active_tenants)
    administers = bool(access.principal.roles) and not _is_narrowed(credential)
    if not tenants and not administers:
        raise UnauthorizedError("no active tenant")
    billing = home if tenants == [home] else (tenants[0] if len(tenants) == 1 else None)
    return ScopedPrincipal(
        id=access.principal.principal_id,
        method=credential.method,
        subject=credential.subject,
        roles=_roles(access, frozenset(tenants), credential),
        policy_class=access.principal.policy_class,
        allowed_tools=_tools(access, frozenset(tenants), credential.tools),
        billing_tenant=billing,
        tenants=tuple(tenants),
        namespaces=credential.namespaces,
    )


def _roles(access: Access, tenants: frozenset[int], credential: Credential) -> tuple[Role, ...]:
    """Return the roles that count for this credential.

    A narrowed one does not administer, or it could issue itself one that is not.
    """
    namespaces = credential.namespaces
    is_narrowed = _is_narrowed(credential)
    held: list[Role] = [] if is_narrowed else [Role(name=name) for name in access.principal.roles]
    for grant in access.grants:
        if grant.tenant_id not in tenants:
            continue
        if namespaces is None or grant.namespace_id in namespaces:
            scopes: tuple[int | None, ...] = (grant.namespace_id,)
        elif grant.namespace_id is None:
            scopes = tuple(sorted(namespaces))
        else:
            continue
        names = [name for name in grant.roles if not (is_narrowed and name == TENANT_ADMIN)]
        held += [Role(name=name, tenant_id=grant.tenant_id, namespace_id=scope) for scope in scopes for name in names]
    return tuple(held)


def _is_narrowed(credential: Credential) -> bool:
    return credential.namespaces is not None or credential.tools is not None


def _tools(access: Access, tenants: frozenset[int], narrowed: frozenset[str] | None) -> frozenset[str] | None:
    """Return the tools that some grant allows; which grant holds where is for the tenant authorizer to judge."""
    allowed: frozenset[str] | None = frozenset()
    for grant in access.grants:
        if grant.tenant_id in tenants:
            more = grant.allowed_tools
            allowed = None if allowed is None or more is None else allowed | more
    if narrowed is None:
        return allowed
    return narrowed if allowed is None else allowed & narrowed
