"""Who is calling, after authentication (contract §4.1, §4.2)."""

from collections.abc import Iterable

import attrs


@attrs.frozen(kw_only=True)
class Role:
    """A role held everywhere, or only in one tenant or namespace."""

    name: str
    tenant_id: int | None = None
    namespace_id: int | None = None

    def covers(self, tenant_id: int | None, namespace_id: int | None) -> bool:
        """Tell whether it is held in this tenant and namespace; a role without scope is held everywhere."""
        return self.tenant_id in (None, tenant_id) and self.namespace_id in (None, namespace_id)


@attrs.frozen(kw_only=True)
class Principal:
    """An authenticated caller.

    Attributes:
        id: ``loopback``, ``stdio``, ``token:<sha256 hex>``, an mTLS subject, or what a plug-in makes it.
        method: ``local``, ``bearer_token``, ``mtls_subject``, or what a plug-in names it.
        subject: The name it goes by; none for a bearer token.
        token_fingerprint: SHA-256 hex of its token; none for other methods.
        roles: Roles from the configuration or the plug-in.
        policy_class: Policy class; none counts as ``prod``.
        allowed_tools: Tools it may call; none means every tool the server allows (deviation X15).
        billing_tenant: Tenant of calls that name none; none only where nobody is billed.
        tenants: Tenants it belongs to, for those authenticators that know; the owner of a definition without
            ``default_tenant_id`` is its single tenant (deviation S8).
    """

    id: str
    method: str
    subject: str | None = None
    token_fingerprint: str | None = None
    roles: tuple[Role, ...] = ()
    policy_class: str | None = None
    allowed_tools: frozenset[str] | None = None
    billing_tenant: int | None = None
    tenants: tuple[int, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether it was recognised by being on this machine."""
        return self.method == LOCAL

    @property
    def sole_tenant(self) -> int | None:
        """Its tenant when it has exactly one."""
        return self.tenants[0] if len(self.tenants) == 1 else None

    def holds_any(self, names: Iterable[str], tenant_id: int | None, namespace_id: int | None) -> bool:
        """Tell whether it holds one of the roles in this tenant and namespace; names match exactly."""
        wanted = frozenset(names)
        return any(role.name in wanted and role.covers(tenant_id, namespace_id) for role in self.roles)


LOCAL = "local"
BEARER_TOKEN = "bearer_token"  # noqa: S105 - the name of a method
MTLS_SUBJECT = "mtls_subject"
