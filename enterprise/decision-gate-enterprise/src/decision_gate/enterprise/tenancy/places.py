"""Rows of organisations, tenants and namespaces. Whoever writes decides first; these functions only keep."""

from typing import Any, Final

from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.records import Namespace, Org, Tenant
from decision_gate.enterprise.transactions import Reader, Transaction

_ORG: Final = "SELECT org, name, state, created_at, changed_at, retain_until FROM decision_gate.orgs"
_TENANT: Final = (
    "SELECT tenant, org, name, state, created_at, changed_at, retain_until, legal_hold FROM decision_gate.tenants"
)
_NAMESPACE: Final = (
    "SELECT tenant, namespace, name, state, created_at, changed_at, retain_until FROM decision_gate.namespaces"
)


def add_org(transaction: Transaction, org: Org) -> bool:
    """Keep a new organisation; false when its number or its name is taken."""
    return (
        transaction.write(
            "INSERT INTO decision_gate.orgs (org, name, state, created_at, changed_at, retain_until) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *(number(org.org_id), org.name, org.state.value, org.created_at, org.changed_at, org.retain_until),
        )
        == 1
    )


def add_tenant(transaction: Transaction, tenant: Tenant) -> bool:
    """Keep a new tenant; false when its number, or its name in the organisation, is taken."""
    return (
        transaction.write(
            "INSERT INTO decision_gate.tenants "
            "(tenant, org, name, state, created_at, changed_at, retain_until, legal_hold) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *(number(tenant.tenant_id), number(tenant.org_id), tenant.name, tenant.state.value),
            *(tenant.created_at, tenant.changed_at, tenant.retain_until, int(tenant.legal_hold)),
        )
        == 1
    )


def add_namespace(transaction: Transaction, namespace: Namespace) -> bool:
    """Keep a new namespace; false when its number or its name is taken in the tenant."""
    return (
        transaction.write(
            "INSERT INTO decision_gate.namespaces "
            "(tenant, namespace, name, state, created_at, changed_at, retain_until) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *(number(namespace.tenant_id), number(namespace.namespace_id), namespace.name, namespace.state.value),
            *(namespace.created_at, namespace.changed_at, namespace.retain_until),
        )
        == 1
    )


def change_org(transaction: Transaction, org: Org) -> None:
    """Keep what may change of an organisation."""
    transaction.write(
        "UPDATE decision_gate.orgs SET state = ?, changed_at = ?, retain_until = ? WHERE org = ?",
        *(org.state.value, org.changed_at, org.retain_until, number(org.org_id)),
    )


def change_tenant(transaction: Transaction, tenant: Tenant) -> None:
    """Keep what may change of a tenant."""
    transaction.write(
        "UPDATE decision_gate.tenants SET state = ?, changed_at = ?, retain_until = ?, legal_hold = ? WHERE tenant = ?",
        *(tenant.state.value, tenant.changed_at, tenant.retain_until, int(tenant.legal_hold)),
        number(tenant.tenant_id),
    )


def change_namespace(transaction: Transaction, namespace: Namespace) -> None:
    """Keep what may change of a namespace."""
    transaction.write(
        "UPDATE decision_gate.namespaces SET state = ?, changed_at = ?, retain_until = ? "
        "WHERE tenant = ? AND namespace = ?",
        *(namespace.state.value, namespace.changed_at, namespace.retain_until),
        *(number(namespace.tenant_id), number(namespace.namespace_id)),
    )


def find_org(reader: Reader, org_id: int) -> Org | None:
    """Return an organisation."""
    rows = reader.rows(f"{_ORG} WHERE org = ?", number(org_id))
    return _org(rows[0]) if rows else None


def find_org_named(reader: Reader, name: str) -> Org | None:
    """Return the organisation of a name."""
    rows = reader.rows(f"{_ORG} WHERE name = ?", name)
    return _org(rows[0]) if rows else None


def find_tenant(reader: Reader, tenant_id: int) -> Tenant | None:
    """Return a tenant."""
    rows = reader.rows(f"{_TENANT} WHERE tenant = ?", number(tenant_id))
    return _tenant(rows[0]) if rows else None


def find_namespace(reader: Reader, tenant_id: int, namespace_id: int) -> Namespace | None:
    """Return a namespace of a tenant."""
    rows = reader.rows(f"{_NAMESPACE} WHERE tenant = ? AND namespace = ?", number(tenant_id), number(namespace_id))
    return _namespace(rows[0]) if rows else None


def list_orgs(reader: Reader, after: bytes, limit: int) -> list[Org]:
    """Return organisations in order of their numbers, those after the 8 bytes *after*; from the first when empty."""
    return [_org(row) for row in reader.rows(f"{_ORG} WHERE org > ? ORDER BY org LIMIT ?", after, limit)]


def list_tenants(reader: Reader, org_id: int | None, after: bytes, limit: int) -> list[Tenant]:
    """Return tenants, of one organisation or all; order and *after* as ``list_orgs``."""
    if org_id is None:
        rows = reader.rows(f"{_TENANT} WHERE tenant > ? ORDER BY tenant LIMIT ?", after, limit)
    else:
        rows = reader.rows(
            f"{_TENANT} WHERE org = ? AND tenant > ? ORDER BY tenant LIMIT ?", number(org_id), after, limit
        )
    return [_tenant(row) for row in rows]


def list_namespaces(reader: Reader, tenant_id: int, after: bytes, limit: int) -> list[Namespace]:
    """Return namespaces of a tenant; order and *after* as ``list_orgs``."""
    rows = reader.rows(
        f"{_NAMESPACE} WHERE tenant = ? AND namespace > ? ORDER BY namespace LIMIT ?", number(tenant_id), after, limit
    )
    return [_namespace(row) for row in rows]


def _int(column: bytes) -> int:
    return int.from_bytes(column, "big")


def _org(row: tuple[Any, ...]) -> Org:
    org, name, state, created_at, changed_at, retain_until = row
    return Org(
        org_id=_int(org),
        name=name,
        state=State(state),
        created_at=created_at,
        changed_at=changed_at,
        retain_until=retain_until,
    )


def _tenant(row: tuple[Any, ...]) -> Tenant:
    tenant, org, name, state, created_at, changed_at, retain_until, legal_hold = row
    return Tenant(
        tenant_id=_int(tenant),
        org_id=_int(org),
        name=name,
        state=State(state),
        created_at=created_at,
        changed_at=changed_at,
        retain_until=retain_until,
        legal_hold=bool(legal_hold),
    )


def _namespace(row: tuple[Any, ...]) -> Namespace:
    tenant, namespace, name, state, created_at, changed_at, retain_until = row
    return Namespace(
        tenant_id=_int(tenant),
        namespace_id=_int(namespace),
        name=name,
        state=State(state),
        created_at=created_at,
        changed_at=changed_at,
        retain_until=retain_until,
    )
