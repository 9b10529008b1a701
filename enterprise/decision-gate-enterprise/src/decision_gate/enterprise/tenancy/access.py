"""What a principal may do right now: its own state, its grants, and the states of the tenants they are in."""

from typing import Final

import attrs

from decision_gate.enterprise.stores.postgres.keys import number, text
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.people import find_principal, grant_of
from decision_gate.enterprise.tenancy.records import Grant, PrincipalRecord
from decision_gate.enterprise.transactions import Reader

_GRANTS: Final = (
    "SELECT g.principal, g.tenant, g.scope, g.roles, g.tools, t.state, o.state FROM decision_gate.grants g "
    "JOIN decision_gate.tenants t ON t.tenant = g.tenant JOIN decision_gate.orgs o ON o.org = t.org "
    "WHERE g.principal = ? ORDER BY g.tenant, g.scope"
)
_NAMESPACE: Final = (
    "SELECT n.state, t.state, o.state FROM decision_gate.namespaces n "
    "JOIN decision_gate.tenants t ON t.tenant = n.tenant JOIN decision_gate.orgs o ON o.org = t.org "
    "WHERE n.tenant = ? AND n.namespace = ?"
)


@attrs.frozen(kw_only=True)
class Access:
    """A principal and all its grants; ``active_tenants`` are those whose tenant and organisation are active."""

    principal: PrincipalRecord
    grants: tuple[Grant, ...]
    active_tenants: frozenset[int]

    @property
    def is_active(self) -> bool:
        """Whether the principal itself may act at all."""
        return self.principal.state is State.ACTIVE

    def in_tenant(self, tenant_id: int) -> tuple[Grant, ...]:
        """Return its grants in one tenant."""
        return tuple(grant for grant in self.grants if grant.tenant_id == tenant_id)


def read_access(reader: Reader, principal_id: str) -> Access | None:
    """Read what a principal may do; none when nobody knows it."""
    principal = find_principal(reader, principal_id)
    if principal is None:
        return None
    rows = reader.rows(_GRANTS, text(principal_id))
    grants = tuple(grant_of(row[:5]) for row in rows)
    active = frozenset(
        grant.tenant_id for grant, row in zip(grants, rows, strict=True) if row[5] == row[6] == State.ACTIVE.value
    )
    return Access(principal=principal, grants=grants, active_tenants=active)


def is_namespace_active(reader: Reader, tenant_id: int, namespace_id: int) -> bool:
    """Tell whether a namespace exists and everything it is in is active."""
    rows = reader.rows(_NAMESPACE, number(tenant_id), number(namespace_id))
    return bool(rows) and all(state == State.ACTIVE.value for state in rows[0])
