"""Use cases of usage: what was used, the rows behind it, and corrections."""

from typing import Annotated, Final

import attrs

from decision_gate.core.integers import IntRange
from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.fields import MetricName, Number, PageSize, check_name
from decision_gate.enterprise.admin.making import the_tenant
from decision_gate.enterprise.admin.paging import page, place_after
from decision_gate.enterprise.admin.use_case import Outcome, UseCase, Work
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.usage.books import Entry, entry_of
from decision_gate.enterprise.usage.charge_body import details_of
from decision_gate.enterprise.usage.corrections import Correction, make_correction
from decision_gate.enterprise.usage.totals import Total, totals_of
from decision_gate.mcp.hooks.usage_meter import Metric

Taken = Annotated[int, IntRange("units", 1, 2**63 - 1)]
_WHOLE_TENANT: Final = number(0)
_ROWS: Final = (
    "SELECT metric, key, units, period, details, namespace, namespace_period, reference "
    "FROM decision_gate.usage_ledger WHERE tenant = ? AND (metric, key) > (?, ?) ORDER BY metric, key LIMIT ?"
)


@attrs.frozen(kw_only=True)
class ShowUsage:
    """``usage.show``."""

    tenant_id: Number
    cursor: str | None = None
    limit: PageSize = 50


@attrs.frozen(kw_only=True)
class ListUsage:
    """``usage.list``."""

    tenant_id: Number
    cursor: str | None = None
    limit: PageSize = 50


@attrs.frozen(kw_only=True)
class CorrectUsage:
    """``usage.correct``. ``correction_id`` is the name that who corrects gives it; with it, it is made once."""

    tenant_id: Number
    metric: MetricName
    charge: str
    units: Taken
    correction_id: str = attrs.field(validator=check_name)
    reason: str = attrs.field(validator=check_name)


def _show(work: Work, request: ShowUsage) -> Outcome:
    the_tenant(work, request.tenant_id)
    after = place_after(request.cursor)
    found = [total for total in totals_of(work.transaction, request.tenant_id) if _place(total) > after]
    return Outcome(answer=page(found[: request.limit + 1], request.limit, _place, _total_shown))


def _list(work: Work, request: ListUsage) -> Outcome:
    the_tenant(work, request.tenant_id)
    # A metric's name ends in front of a byte that no name has.
    metric, _, key = place_after(request.cursor).partition(b"\0")
    rows = work.transaction.rows(
        _ROWS, number(request.tenant_id), metric.decode("ascii", "replace"), key, request.limit + 1
    )
    return Outcome(
        answer=page(
            [entry_of((*row,)) for row in rows],
            request.limit,
            lambda entry: b"\0".join((entry.metric.value.encode(), entry.key.encode())),
            _entry_shown,
        )
    )


def _correct(work: Work, request: CorrectUsage) -> Outcome:
    the_tenant(work, request.tenant_id)
    correction = Correction(
        tenant_id=request.tenant_id,
        metric=Metric(request.metric.value),
        charge=request.charge,
        units=request.units,
        correction_id=request.correction_id,
        reason=request.reason,
    )
    is_new = make_correction(work.transaction, correction, actor_id=work.actor.principal_id, at_ms=work.at_ms)
    return Outcome(
        answer={"key": correction.key, "is_new": is_new},
        before=None if is_new else correction.told(),
        after=correction.told(),
        tenant_id=request.tenant_id,
    )


def _place(total: Total) -> bytes:
    scope = _WHOLE_TENANT if total.namespace_id is None else number(total.namespace_id)
    return scope + total.metric.value.encode() + b"\0" + total.period.encode()


def _total_shown(total: Total) -> dict[str, JsonValue]:
    return {
        "namespace_id": total.namespace_id,
        "metric": total.metric.value,
        "period": total.period,
        "used": total.used,
    }


def _entry_shown(entry: Entry) -> dict[str, JsonValue]:
    return {
        "namespace_id": entry.namespace_id,
        "metric": entry.metric.value,
        "key": entry.key,
        "units": entry.units,
        "period": entry.period,
        "namespace_period": entry.namespace_period,
        "reference": entry.reference,
        "details": details_of(entry.details),
    }


USAGE_CASES = (
    UseCase(
        name="usage.show",
        summary="Show what a tenant and its namespaces used, by metric and period.",
        request=ShowUsage,
        need=Need.TENANT,
        perform=_show,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/usage",
    ),
    UseCase(
        name="usage.list",
        summary="List the rows of a tenant's ledger.",
        request=ListUsage,
        need=Need.TENANT,
        perform=_list,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/usage/rows",
    ),
    UseCase(
        name="usage.correct",
        summary="Take back units of a charge by a negative row that refers to it; the charge itself stays.",
        request=CorrectUsage,
        need=Need.PLATFORM,
        perform=_correct,
        method="POST",
        path="/tenants/{tenant_id}/usage/corrections",
    ),
)
