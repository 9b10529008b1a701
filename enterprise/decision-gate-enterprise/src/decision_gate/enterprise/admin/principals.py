"""Use cases of principals and their grants."""

import attrs

from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.errors import (
    AdminConflictError,
    AdminDeniedError,
    AdminInvalidError,
    AdminMissingError,
)
from decision_gate.enterprise.admin.fields import Number, PageSize, check_name, shown
from decision_gate.enterprise.admin.making import the_tenant
from decision_gate.enterprise.admin.paging import page, place_after
from decision_gate.enterprise.admin.use_case import Outcome, UseCase, Work
from decision_gate.enterprise.stores.postgres.keys import text
from decision_gate.enterprise.tenancy import people
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.records import PrincipalRecord
from decision_gate.enterprise.tenancy.roles import DEPLOYMENT_ROLES


@attrs.frozen(kw_only=True)
class CreatePrincipal:
    """``principal.create``. ``roles`` are those of the deployment, which only the platform gives."""

    tenant_id: Number
    principal_id: str = attrs.field(validator=check_name)
    name: str = attrs.field(validator=check_name)
    roles: tuple[str, ...] = ()
    policy_class: str | None = attrs.field(default=None, validator=check_name)


@attrs.frozen(kw_only=True)
class ListPrincipals:
    """``principal.list``."""

    tenant_id: Number
    cursor: str | None = None
    limit: PageSize = 50


@attrs.frozen(kw_only=True)
class PrincipalRef:
    """``principal.get``."""

    tenant_id: Number
    principal_id: str = attrs.field(validator=check_name)


@attrs.frozen(kw_only=True)
class SetPrincipalState:
    """``principal.set-state``: active or suspended."""

    tenant_id: Number
    principal_id: str = attrs.field(validator=check_name)
    state: State


@attrs.frozen(kw_only=True)
class SetPrincipalRoles:
    """``principal.set-roles``: the roles of the deployment."""

    tenant_id: Number
    principal_id: str = attrs.field(validator=check_name)
    roles: tuple[str, ...]


def own_prefix(tenant_id: int) -> str:
    """Return what the ids of principals begin with that a tenant makes for itself."""
    return f"tenant-{tenant_id}-"


def make_principal(work: Work, request: CreatePrincipal) -> PrincipalRecord:
    """Add a principal. Raise ``AdminConflictError`` when there is one of this id."""
    _demand_known(request.roles)
    if request.roles and not work.actor.is_platform_admin:
        raise AdminDeniedError("roles of the deployment need its administrator")
    the_tenant(work, request.tenant_id)
    _demand_own_name(work, request)
    principal = PrincipalRecord(
        principal_id=request.principal_id,
        billing_tenant=request.tenant_id,
        name=request.name,
        state=State.ACTIVE,
        roles=request.roles,
        policy_class=request.policy_class,
        created_at=work.at_ms,
        changed_at=work.at_ms,
    )
    if not people.add_principal(work.transaction, principal):
        raise AdminConflictError(f"principal {request.principal_id} is there already")
    return principal


def the_principal(work: Work, tenant_id: int, principal_id: str) -> PrincipalRecord:
    """Return a principal whose home is a tenant. Raise ``AdminMissingError``."""
    principal = people.find_principal(work.transaction, principal_id)
    if principal is None or principal.billing_tenant != tenant_id:
        raise AdminMissingError(f"there is no principal {principal_id} in tenant {tenant_id}")
    return principal


def demand_may_touch(work: Work, principal: PrincipalRecord) -> None:
    """Refuse a tenant's administrator whatever would let it act as, or lock out, one of the deployment.

    Raises:
        AdminDeniedError: The principal has a role of the deployment and the actor does not administer it.
    """
    if principal.roles and not work.actor.is_platform_admin:
        raise AdminDeniedError("a principal of the deployment needs its administrator")


def _create(work: Work, request: CreatePrincipal) -> Outcome:
    principal = shown(make_principal(work, request))
    return Outcome(answer=principal, after=principal, tenant_id=request.tenant_id)


def _list(work: Work, request: ListPrincipals) -> Outcome:
    after = place_after(request.cursor)
    found = people.list_principals(work.transaction, request.tenant_id, after, request.limit + 1)
    return Outcome(answer=page(found, request.limit, lambda principal: text(principal.principal_id)))


def _get(work: Work, request: PrincipalRef) -> Outcome:
    return Outcome(answer=shown(the_principal(work, request.tenant_id, request.principal_id)))


def _set_state(work: Work, request: SetPrincipalState) -> Outcome:
    if request.state not in (State.ACTIVE, State.SUSPENDED):
        raise AdminInvalidError("state: a principal is active or suspended")
    principal = the_principal(work, request.tenant_id, request.principal_id)
    demand_may_touch(work, principal)
    return _changed(work, principal, attrs.evolve(principal, state=request.state, changed_at=work.at_ms))


def _set_roles(work: Work, request: SetPrincipalRoles) -> Outcome:
    _demand_known(request.roles)
    principal = the_principal(work, request.tenant_id, request.principal_id)
    return _changed(work, principal, attrs.evolve(principal, roles=request.roles, changed_at=work.at_ms))


def _changed(work: Work, before: PrincipalRecord, after: PrincipalRecord) -> Outcome:
    people.change_principal(work.transaction, after)
    return Outcome(answer=shown(after), before=shown(before), after=shown(after), tenant_id=after.billing_tenant)


def _demand_own_name(work: Work, request: CreatePrincipal) -> None:
    """Demand of a tenant's administrator an id that no other tenant can have.

    Ids are those of the whole deployment; otherwise a taken one would tell that somebody else has it.
    """
    prefix = own_prefix(request.tenant_id)
    if not work.actor.is_platform_admin and not request.principal_id.startswith(prefix):
        raise AdminInvalidError(f"principal_id: begins with {prefix} unless the deployment's administrator makes it")


def _demand_known(roles: tuple[str, ...]) -> None:
    for role in roles:
        if role not in DEPLOYMENT_ROLES:
            raise AdminInvalidError(f"roles: {role} is none of {', '.join(sorted(DEPLOYMENT_ROLES))}")


PRINCIPAL_CASES = (
    UseCase(
        name="principal.create",
        summary="Make a principal that is billed to a tenant.",
        request=CreatePrincipal,
        need=Need.TENANT,
        perform=_create,
        method="POST",
        path="/tenants/{tenant_id}/principals",
    ),
    UseCase(
        name="principal.list",
        summary="List the principals of a tenant.",
        request=ListPrincipals,
        need=Need.TENANT,
        perform=_list,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/principals",
    ),
    UseCase(
        name="principal.get",
        summary="Show a principal.",
        request=PrincipalRef,
        need=Need.TENANT,
        perform=_get,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/principal",
    ),
    UseCase(
        name="principal.set-state",
        summary="Suspend a principal with all its keys, or let it act again.",
        request=SetPrincipalState,
        need=Need.TENANT,
        perform=_set_state,
        method="POST",
        path="/tenants/{tenant_id}/principal/state",
    ),
    UseCase(
        name="principal.set-roles",
        summary="Give a principal roles of the deployment, or take them.",
        request=SetPrincipalRoles,
        need=Need.PLATFORM,
        perform=_set_roles,
        method="POST",
        path="/tenants/{tenant_id}/principal/roles",
    ),
)
