"""Use cases of organisations."""

import attrs

from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.errors import AdminConflictError
from decision_gate.enterprise.admin.fields import Days, Number, PageSize, check_name, shown
from decision_gate.enterprise.admin.making import make_org, moved, the_org
from decision_gate.enterprise.admin.paging import page, place_after
from decision_gate.enterprise.admin.use_case import Outcome, UseCase, Work
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.tenancy import places
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.records import Org


@attrs.frozen(kw_only=True)
class CreateOrg:
    """``org.create``."""

    name: str = attrs.field(validator=check_name)


@attrs.frozen(kw_only=True)
class OrgRef:
    """``org.get``."""

    org_id: Number


@attrs.frozen(kw_only=True)
class ListOrgs:
    """``org.list``."""

    cursor: str | None = None
    limit: PageSize = 50


@attrs.frozen(kw_only=True)
class SetOrgState:
    """``org.set-state``. ``retain_days`` lengthens how long what is closing is kept."""

    org_id: Number
    state: State
    retain_days: Days | None = None


def _create_org(work: Work, request: CreateOrg) -> Outcome:
    org = shown(make_org(work, request.name))
    return Outcome(answer=org, after=org)


def _get_org(work: Work, request: OrgRef) -> Outcome:
    return Outcome(answer=shown(the_org(work, request.org_id)))


def _list_orgs(work: Work, request: ListOrgs) -> Outcome:
    found = places.list_orgs(work.transaction, place_after(request.cursor), request.limit + 1)
    return Outcome(answer=page(found, request.limit, lambda org: number(org.org_id)))


def _set_org_state(work: Work, request: SetOrgState) -> Outcome:
    org = the_org(work, request.org_id)
    wished = request.state
    if wished is State.DELETED:
        _demand_no_living_tenant(work, org)
    retain_until = moved(work, org.state, wished, org.retain_until, request.retain_days, is_held=False)
    changed = attrs.evolve(org, state=wished, changed_at=work.at_ms, retain_until=retain_until)
    places.change_org(work.transaction, changed)
    return Outcome(answer=shown(changed), before=shown(org), after=shown(changed))


def _demand_no_living_tenant(work: Work, org: Org) -> None:
    after = b""
    while found := places.list_tenants(work.transaction, org.org_id, after, 200):
        if any(tenant.state is not State.DELETED for tenant in found):
            raise AdminConflictError(f"organisation {org.name} has tenants that are not deleted")
        after = number(found[-1].tenant_id)


ORG_CASES = (
    UseCase(
        name="org.create",
        summary="Make an organisation.",
        request=CreateOrg,
        need=Need.PLATFORM,
        perform=_create_org,
        method="POST",
        path="/orgs",
    ),
    UseCase(
        name="org.list",
        summary="List organisations.",
        request=ListOrgs,
        need=Need.PLATFORM,
        perform=_list_orgs,
        is_change=False,
        method="GET",
        path="/orgs",
    ),
    UseCase(
        name="org.get",
        summary="Show an organisation.",
        request=OrgRef,
        need=Need.PLATFORM,
        perform=_get_org,
        is_change=False,
        method="GET",
        path="/orgs/{org_id}",
    ),
    UseCase(
        name="org.set-state",
        summary="Suspend, resume, close or delete an organisation.",
        request=SetOrgState,
        need=Need.PLATFORM,
        perform=_set_org_state,
        method="POST",
        path="/orgs/{org_id}/state",
    ),
)
