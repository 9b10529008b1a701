"""Use cases of grants."""

import attrs

from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.errors import AdminInvalidError, AdminMissingError
from decision_gate.enterprise.admin.fields import Number, PageSize, check_name, check_names, shown
from decision_gate.enterprise.admin.making import the_namespace, the_tenant
from decision_gate.enterprise.admin.paging import page, place_after
from decision_gate.enterprise.admin.principals import demand_may_touch, the_principal
from decision_gate.enterprise.admin.use_case import Outcome, UseCase, Work
from decision_gate.enterprise.tenancy import people
from decision_gate.enterprise.tenancy.records import Grant
from decision_gate.enterprise.tenancy.roles import ADMIN_PREFIX, ROLE_TOOLS, TENANT_ADMIN


@attrs.frozen(kw_only=True)
class PutGrant:
    """``grant.put``. Without ``namespace_id`` in the whole tenant; ``tools`` narrows what the roles allow to these."""

    tenant_id: Number
    principal_id: str = attrs.field(validator=check_name)
    namespace_id: Number | None = None
    roles: tuple[str, ...] = attrs.field(default=(), validator=check_names)
    tools: tuple[str, ...] | None = attrs.field(default=None, validator=check_names)


@attrs.frozen(kw_only=True)
class WithdrawGrant:
    """``grant.withdraw``."""

    tenant_id: Number
    principal_id: str = attrs.field(validator=check_name)
    namespace_id: Number | None = None


@attrs.frozen(kw_only=True)
class ListGrants:
    """``grant.list``."""

    tenant_id: Number
    cursor: str | None = None
    limit: PageSize = 50


def _put(work: Work, request: PutGrant) -> Outcome:
    _check(request)
    the_tenant(work, request.tenant_id)
    if request.namespace_id is not None:
        the_namespace(work, request.tenant_id, request.namespace_id)
    _demand_principal(work, request.tenant_id, request.principal_id)
    before = people.find_grant(work.transaction, request.principal_id, request.tenant_id, request.namespace_id)
    grant = Grant(
        principal_id=request.principal_id,
        tenant_id=request.tenant_id,
        namespace_id=request.namespace_id,
        roles=tuple(sorted(set(request.roles))),
        tools=None if request.tools is None else tuple(sorted(set(request.tools))),
    )
    people.put_grant(work.transaction, grant)
    return Outcome(
        answer=shown(grant),
        before=None if before is None else shown(before),
        after=shown(grant),
        tenant_id=request.tenant_id,
    )


def _withdraw(work: Work, request: WithdrawGrant) -> Outcome:
    before = people.find_grant(work.transaction, request.principal_id, request.tenant_id, request.namespace_id)
    if before is None:
        raise AdminMissingError(f"principal {request.principal_id} has no such grant in tenant {request.tenant_id}")
    people.withdraw_grant(work.transaction, request.principal_id, request.tenant_id, request.namespace_id)
    return Outcome(answer=shown(before), before=shown(before), tenant_id=request.tenant_id)


def _list(work: Work, request: ListGrants) -> Outcome:
    place = place_after(request.cursor)
    # A principal's id ends in front of a byte that no id has.
    principal, _, scope = place.partition(b"\0")
    found = people.list_grants(work.transaction, request.tenant_id, (principal, scope), request.limit + 1)
    return Outcome(answer=page(found, request.limit, lambda grant: b"\0".join(people.place_of(grant))))


def _check(request: PutGrant) -> None:
    if not request.roles and not request.tools:
        raise AdminInvalidError("roles: name at least one role, or tools")
    for role in request.roles:
        if role not in ROLE_TOOLS:
            raise AdminInvalidError(f"roles: {role} is none of {', '.join(sorted(ROLE_TOOLS))}")
    if TENANT_ADMIN in request.roles and request.namespace_id is not None:
        raise AdminInvalidError(f"roles: {TENANT_ADMIN} is held in a whole tenant")
    if any(tool.startswith(ADMIN_PREFIX) for tool in request.tools or ()):
        raise AdminInvalidError(f"tools: administration comes with the role {TENANT_ADMIN}")


def _demand_principal(work: Work, tenant_id: int, principal_id: str) -> None:
    """Demand somebody to grant to; a tenant's administrator only knows principals at home there.

    A principal of several tenants is made by the deployment, on purpose and audited; and no tenant can find out who
    there is elsewhere.
    """
    if not work.actor.is_platform_admin:
        demand_may_touch(work, the_principal(work, tenant_id, principal_id))
    elif people.find_principal(work.transaction, principal_id) is None:
        raise AdminMissingError(f"there is no principal {principal_id}")


GRANT_CASES = (
    UseCase(
        name="grant.put",
        summary="Let a principal act in a tenant or one namespace of it; replaces what it had there.",
        request=PutGrant,
        need=Need.TENANT,
        perform=_put,
        method="PUT",
        path="/tenants/{tenant_id}/grants",
    ),
    UseCase(
        name="grant.withdraw",
        summary="Take what a principal may do in a tenant or one namespace of it.",
        request=WithdrawGrant,
        need=Need.TENANT,
        perform=_withdraw,
        method="POST",
        path="/tenants/{tenant_id}/grants/withdraw",
    ),
    UseCase(
        name="grant.list",
        summary="List the grants in a tenant.",
        request=ListGrants,
        need=Need.TENANT,
        perform=_list,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/grants",
    ),
)
