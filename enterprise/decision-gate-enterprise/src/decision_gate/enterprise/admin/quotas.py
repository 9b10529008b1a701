"""Use cases of quotas: what a tenant, one of its namespaces, or every tenant without its own may use."""

from typing import Annotated, Final

import attrs

from decision_gate.core.integers import IntRange
from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.fields import MetricName, Number, PageSize, PeriodName
from decision_gate.enterprise.admin.making import the_namespace, the_tenant
from decision_gate.enterprise.admin.paging import page, place_after
from decision_gate.enterprise.admin.use_case import Outcome, UseCase, Work
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.usage.books import EVERY_TENANT, Limit
from decision_gate.enterprise.usage.limit_change import limit_change
from decision_gate.enterprise.usage.periods import Period
from decision_gate.enterprise.usage.quotas import Quota, quota_json, quotas_of
from decision_gate.mcp.hooks.usage_meter import Metric

Units = Annotated[int, IntRange("units", 0, 2**63 - 1)]
_WHOLE_TENANT: Final = number(0)


@attrs.frozen(kw_only=True)
class SetQuota:
    """``quota.set``. Without ``units`` the metric is counted and not limited."""

    tenant_id: Number
    metric: MetricName
    namespace_id: Number | None = None
    units: Units | None = None
    period: PeriodName = PeriodName.MONTH


@attrs.frozen(kw_only=True)
class SetDefaultQuota:
    """``quota.set-default``."""

    metric: MetricName
    units: Units | None = None
    period: PeriodName = PeriodName.MONTH


@attrs.frozen(kw_only=True)
class ListQuotas:
    """``quota.list``."""

    tenant_id: Number
    cursor: str | None = None
    limit: PageSize = 50


@attrs.frozen(kw_only=True)
class ListDefaultQuotas:
    """``quota.list-default``."""

    cursor: str | None = None
    limit: PageSize = 50


def _set(work: Work, request: SetQuota) -> Outcome:
    the_tenant(work, request.tenant_id)
    if request.namespace_id is not None:
        the_namespace(work, request.tenant_id, request.namespace_id)
    return _put(work, _quota(request, request.tenant_id, request.namespace_id))


def _set_default(work: Work, request: SetDefaultQuota) -> Outcome:
    return _put(work, _quota(request, EVERY_TENANT, None))


def _quota(request: SetQuota | SetDefaultQuota, tenant_id: int, namespace_id: int | None) -> Quota:
    limit = Limit(period=Period(request.period.value), units=request.units)
    return Quota(tenant_id=tenant_id, namespace_id=namespace_id, metric=Metric(request.metric.value), limit=limit)


def _put(work: Work, quota: Quota) -> Outcome:
    standing = quotas_of(work.transaction, quota.tenant_id)
    before = next((each for each in standing if _place(each) == _place(quota)), None)
    statement, parameters = limit_change(quota.tenant_id, quota.namespace_id, quota.metric, quota.limit)
    work.transaction.write(statement, *parameters)
    return Outcome(
        answer=_shown(quota),
        # As the command line spells it, so that the audit has one form.
        before=None if before is None else quota_json(before),
        after=quota_json(quota),
        tenant_id=None if quota.tenant_id == EVERY_TENANT else quota.tenant_id,
    )


def _list(work: Work, request: ListQuotas) -> Outcome:
    the_tenant(work, request.tenant_id)
    return _page(work, request.tenant_id, request.cursor, request.limit)


def _list_default(work: Work, request: ListDefaultQuotas) -> Outcome:
    return _page(work, EVERY_TENANT, request.cursor, request.limit)


def _page(work: Work, tenant_id: int, cursor: str | None, limit: int) -> Outcome:
    after = place_after(cursor)
    found = [quota for quota in quotas_of(work.transaction, tenant_id) if _place(quota) > after]
    return Outcome(answer=page(found[: limit + 1], limit, _place, _shown))


def _place(quota: Quota) -> bytes:
    """Return where a quota stands in listings: those of the whole tenant first, as ``quotas_of`` has them."""
    scope = _WHOLE_TENANT if quota.namespace_id is None else number(quota.namespace_id)
    return scope + quota.metric.value.encode()


def _shown(quota: Quota) -> dict[str, JsonValue]:
    return {
        "tenant_id": None if quota.tenant_id == EVERY_TENANT else quota.tenant_id,
        "namespace_id": quota.namespace_id,
        "metric": quota.metric.value,
        "period": quota.limit.period.value,
        "units": quota.limit.units,
    }


QUOTA_CASES = (
    UseCase(
        name="quota.set",
        summary="Limit what a tenant or one of its namespaces may use; without units there is no limit.",
        request=SetQuota,
        need=Need.PLATFORM,
        perform=_set,
        method="PUT",
        path="/tenants/{tenant_id}/quotas",
    ),
    UseCase(
        name="quota.list",
        summary="List the quotas of a tenant and of its namespaces.",
        request=ListQuotas,
        need=Need.TENANT,
        perform=_list,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/quotas",
    ),
    UseCase(
        name="quota.set-default",
        summary="Limit what every tenant without a quota of its own may use.",
        request=SetDefaultQuota,
        need=Need.PLATFORM,
        perform=_set_default,
        method="PUT",
        path="/quotas",
    ),
    UseCase(
        name="quota.list-default",
        summary="List the quotas of every tenant without its own.",
        request=ListDefaultQuotas,
        need=Need.PLATFORM,
        perform=_list_default,
        is_change=False,
        method="GET",
        path="/quotas",
    ),
)
