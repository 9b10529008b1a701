"""Making, finding and moving organisations, tenants and namespaces: what several use cases have in common."""

from collections.abc import Callable
from typing import Final, TypeVar

from decision_gate.enterprise.admin.errors import AdminConflictError, AdminMissingError
from decision_gate.enterprise.admin.use_case import Work
from decision_gate.enterprise.tenancy import places
from decision_gate.enterprise.tenancy.lifecycle import State, demand_transition
from decision_gate.enterprise.tenancy.records import Namespace, Org, Tenant

_DAY_MS: Final = 24 * 60 * 60 * 1000
_TRIES: Final = 3
_Made = TypeVar("_Made")


def make_org(work: Work, name: str) -> Org:
    """Add an organisation. Raise ``AdminConflictError`` when its name is taken."""

    def made(org_id: int) -> Org | None:
        org = Org(org_id=org_id, name=name, state=State.ACTIVE, created_at=work.at_ms, changed_at=work.at_ms)
        return org if places.add_org(work.transaction, org) else None

    return _numbered(work, made, f"organisation {name}")


def make_tenant(work: Work, org: Org, name: str) -> Tenant:
    """Add a tenant. Raise ``AdminConflictError`` when its name is taken or its organisation not active."""
    if org.state is not State.ACTIVE:
        raise AdminConflictError(f"organisation {org.name} is {org.state}")

    def made(tenant_id: int) -> Tenant | None:
        tenant = Tenant(
            tenant_id=tenant_id,
            org_id=org.org_id,
            name=name,
            state=State.ACTIVE,
            created_at=work.at_ms,
            changed_at=work.at_ms,
        )
        return tenant if places.add_tenant(work.transaction, tenant) else None

    return _numbered(work, made, f"tenant {name}")


def make_namespace(work: Work, tenant: Tenant, name: str) -> Namespace:
    """Add a namespace. Raise ``AdminConflictError`` when its name is taken or its tenant not active."""
    if tenant.state is not State.ACTIVE:
        raise AdminConflictError(f"tenant {tenant.name} is {tenant.state}")

    def made(namespace_id: int) -> Namespace | None:
        namespace = Namespace(
            tenant_id=tenant.tenant_id,
            namespace_id=namespace_id,
            name=name,
            state=State.ACTIVE,
            created_at=work.at_ms,
            changed_at=work.at_ms,
        )
        return namespace if places.add_namespace(work.transaction, namespace) else None

    return _numbered(work, made, f"namespace {name}")


def the_org(work: Work, org_id: int) -> Org:
    """Return an organisation. Raise ``AdminMissingError``."""
    org = places.find_org(work.transaction, org_id)
    if org is None:
        raise AdminMissingError(f"there is no organisation {org_id}")
    return org


def the_tenant(work: Work, tenant_id: int) -> Tenant:
    """Return a tenant. Raise ``AdminMissingError``."""
    tenant = places.find_tenant(work.transaction, tenant_id)
    if tenant is None:
        raise AdminMissingError(f"there is no tenant {tenant_id}")
    return tenant


def the_namespace(work: Work, tenant_id: int, namespace_id: int) -> Namespace:
    """Return a namespace. Raise ``AdminMissingError``."""
    namespace = places.find_namespace(work.transaction, tenant_id, namespace_id)
    if namespace is None:
        raise AdminMissingError(f"there is no namespace {namespace_id} in tenant {tenant_id}")
    return namespace


def moved(
    work: Work, before: State, after: State, retain_until: int | None, days: int | None, *, is_held: bool
) -> int | None:
    """Judge a transition and return until when the thing is kept; raise ``TransitionRefusedError``."""
    demand_transition(before, after, at_ms=work.at_ms, retain_until=retain_until, is_held=is_held)
    match after:
        case State.CLOSING:
            # Nobody shortens what the deployment promises to keep.
            return work.at_ms + max(work.retention_ms, (days or 0) * _DAY_MS)
        case State.DELETED:
            return retain_until
        case _:
            return None


def _numbered(work: Work, made: Callable[[int], _Made | None], what: str) -> _Made:
    # A taken name and a taken number look alike; the chance of three taken numbers is nil.
    for _ in range(_TRIES):
        record = made(work.numbers())
        if record is not None:
            return record
    raise AdminConflictError(f"{what} is there already")
