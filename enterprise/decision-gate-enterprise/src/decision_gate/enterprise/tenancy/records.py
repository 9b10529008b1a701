"""What the directory knows: organisations, tenants, namespaces, principals, grants."""

import attrs

from decision_gate.core.ids import check_identifier
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.roles import ADMIN_PREFIX, TENANT_ADMIN, tools_of


@attrs.frozen(kw_only=True)
class Org:
    """An organisation: who signs the contract. ``retain_until`` is set while it is closing; times in milliseconds."""

    org_id: int
    name: str
    state: State
    created_at: int
    changed_at: int
    retain_until: int | None = None


@attrs.frozen(kw_only=True)
class Tenant:
    """A tenant: what is billed and kept apart."""

    tenant_id: int
    org_id: int
    name: str
    state: State
    created_at: int
    changed_at: int
    retain_until: int | None = None
    legal_hold: bool = False


@attrs.frozen(kw_only=True)
class Namespace:
    """A namespace; its number means something only together with its tenant's."""

    tenant_id: int
    namespace_id: int
    name: str
    state: State
    created_at: int
    changed_at: int
    retain_until: int | None = None


@attrs.frozen(kw_only=True)
class PrincipalRecord:
    """Somebody who may be granted something. ``roles`` are those of the deployment, ``billing_tenant`` its home.

    ``state`` is active or suspended.
    """

    principal_id: str
    billing_tenant: int
    name: str
    state: State
    roles: tuple[str, ...] = ()
    policy_class: str | None = None
    created_at: int = 0
    changed_at: int = 0


def _check_principal(_record: object, _attribute: object, value: str) -> None:
    check_identifier("principal_id", value)


@attrs.frozen(kw_only=True)
class Grant:
    """What one principal may do in one tenant, or in one namespace of it.

    ``namespace_id`` none means all namespaces, those to come included. ``tools`` none means what the roles allow, else
    exactly these.
    """

    principal_id: str = attrs.field(validator=_check_principal)
    tenant_id: int
    namespace_id: int | None = None
    roles: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None

    def covers(self, namespace_id: int | None) -> bool:
        """Whether it holds for a call in *namespace_id*; a call that names none only needs the tenant."""
        return namespace_id is None or self.namespace_id in (None, namespace_id)

    def allows(self, tool: str) -> bool:
        """Whether it allows *tool*; unknown roles allow nothing, and administration asks for its role."""
        if tool.startswith(ADMIN_PREFIX):
            return TENANT_ADMIN in self.roles
        allowed = self.allowed_tools
        return allowed is None or tool in allowed

    @property
    def allowed_tools(self) -> frozenset[str] | None:
        """What it allows, none for everything but administration."""
        return tools_of(self.roles) if self.tools is None else frozenset(self.tools)
