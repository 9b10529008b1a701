"""Use cases of tenants."""

import attrs

from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.errors import AdminConflictError
from decision_gate.enterprise.admin.fields import Days, Number, PageSize, check_name, shown
from decision_gate.enterprise.admin.making import make_tenant, moved, the_org, the_tenant
from decision_gate.enterprise.admin.paging import page, place_after
from decision_gate.enterprise.admin.use_case import Outcome, UseCase, Work
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.tenancy import places
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.records import Tenant


@attrs.frozen(kw_only=True)
class CreateTenant:
    """``tenant.create``."""

    org_id: Number
    name: str = attrs.field(validator=check_name)


@attrs.frozen(kw_only=True)
class TenantRef:
    """``tenant.get``."""

    tenant_id: Number


@attrs.frozen(kw_only=True)
class ListTenants:
    """``tenant.list``."""

    org_id: Number | None = None
    cursor: str | None = None
    limit: PageSize = 50


@attrs.frozen(kw_only=True)
class SetTenantState:
    """``tenant.set-state``."""

    tenant_id: Number
    state: State
    retain_days: Days | None = None


@attrs.frozen(kw_only=True)
class SetHold:
    """``tenant.set-hold``."""

    tenant_id: Number
    legal_hold: bool


def _create_tenant(work: Work, request: CreateTenant) -> Outcome:
    made = make_tenant(work, the_org(work, request.org_id), request.name)
    return Outcome(answer=shown(made), after=shown(made), tenant_id=made.tenant_id)


def _get_tenant(work: Work, request: TenantRef) -> Outcome:
    return Outcome(answer=shown(the_tenant(work, request.tenant_id)))


def _list_tenants(work: Work, request: ListTenants) -> Outcome:
    found = places.list_tenants(work.transaction, request.org_id, place_after(request.cursor), request.limit + 1)
    return Outcome(answer=page(found, request.limit, lambda tenant: number(tenant.tenant_id)))


def _set_tenant_state(work: Work, request: SetTenantState) -> Outcome:
    tenant = the_tenant(work, request.tenant_id)
    wished = request.state
    retain_until = moved(
        work, tenant.state, wished, tenant.retain_until, request.retain_days, is_held=tenant.legal_hold
    )
    changed = attrs.evolve(tenant, state=wished, changed_at=work.at_ms, retain_until=retain_until)
    return _tenant_changed(work, tenant, changed)


def _set_hold(work: Work, request: SetHold) -> Outcome:
    tenant = the_tenant(work, request.tenant_id)
    if tenant.state is State.DELETED:
        raise AdminConflictError(f"tenant {request.tenant_id} is deleted")
    return _tenant_changed(work, tenant, attrs.evolve(tenant, legal_hold=request.legal_hold, changed_at=work.at_ms))


def _tenant_changed(work: Work, before: Tenant, after: Tenant) -> Outcome:
    places.change_tenant(work.transaction, after)
    return Outcome(answer=shown(after), before=shown(before), after=shown(after), tenant_id=after.tenant_id)


TENANT_CASES = (
    UseCase(
        name="tenant.create",
        summary="Make a tenant, without namespace or key; see also: provision.",
        request=CreateTenant,
        need=Need.PLATFORM,
        perform=_create_tenant,
        method="POST",
        path="/tenants",
    ),
    UseCase(
        name="tenant.list",
        summary="List tenants, of one organisation or all.",
        request=ListTenants,
        need=Need.PLATFORM,
        perform=_list_tenants,
        is_change=False,
        method="GET",
        path="/tenants",
    ),
    UseCase(
        name="tenant.get",
        summary="Show a tenant.",
        request=TenantRef,
        need=Need.TENANT,
        perform=_get_tenant,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}",
    ),
    UseCase(
        name="tenant.set-state",
        summary="Suspend, resume, close or delete a tenant; its data stays until retention lets it go.",
        request=SetTenantState,
        need=Need.PLATFORM,
        perform=_set_tenant_state,
        method="POST",
        path="/tenants/{tenant_id}/state",
    ),
    UseCase(
        name="tenant.set-hold",
        summary="Put a tenant under legal hold, or lift it.",
        request=SetHold,
        need=Need.PLATFORM,
        perform=_set_hold,
        method="POST",
        path="/tenants/{tenant_id}/hold",
    ),
)
