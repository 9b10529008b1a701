"""Setting quotas, audited in the same transaction, and listing them."""

from typing import Final

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.transactions import Reader, Transaction, Transactions
from decision_gate.enterprise.usage.accounts import change_event
from decision_gate.enterprise.usage.books import Limit
from decision_gate.enterprise.usage.limit_change import limit_change
from decision_gate.enterprise.usage.periods import Period
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.hooks.usage_meter import Metric

_QUOTAS: Final = "SELECT NULL, metric, period, units FROM decision_gate.usage_limits WHERE tenant = ? ORDER BY metric"
_NAMESPACE_QUOTAS: Final = (
    "SELECT namespace, metric, period, units FROM decision_gate.usage_namespace_limits "
    "WHERE tenant = ? ORDER BY namespace, metric"
)


@attrs.frozen(kw_only=True)
class Quota:
    """The limit of a metric for a tenant (``EVERY_TENANT`` for those without their own), or for one namespace."""

    tenant_id: int
    namespace_id: int | None = None
    metric: Metric
    limit: Limit


def set_quota(database: Transactions, sink: AuditSink, quota: Quota, *, actor_id: str, at_ms: int) -> Quota | None:
    """Set a quota and return the one before; change and audit are durable together or not at all.

    Raises:
        StoreError: Nothing was written, or nobody knows (``OutcomeUnknownError``).
    """

    def work(transaction: Transaction) -> tuple[Quota | None, AuditEvent]:
        before = next((each for each in quotas_of(transaction, quota.tenant_id) if _place(each) == _place(quota)), None)
        statement, parameters = limit_change(quota.tenant_id, quota.namespace_id, quota.metric, quota.limit)
        transaction.write(statement, *parameters)
        change = (None if before is None else quota_json(before), quota_json(quota))
        event = change_event("quota.set", actor_id, quota.tenant_id, change, at_ms)
        transaction.ride(sink.riders(event))
        return before, event

    before, event = database.run(sink, work)
    sink.record([event])
    return before


def quotas_of(reader: Reader, tenant_id: int) -> list[Quota]:
    """Return the quotas that were set for a tenant, its own first and then those of its namespaces."""
    tenant = number(tenant_id)
    rows = [*reader.rows(_QUOTAS, tenant), *reader.rows(_NAMESPACE_QUOTAS, tenant)]
    return [
        Quota(
            tenant_id=tenant_id,
            namespace_id=None if namespace is None else int.from_bytes(namespace, "big"),
            metric=Metric(metric),
            limit=Limit(period=Period(period), units=units),
        )
        for namespace, metric, period, units in rows
    ]


def quota_json(quota: Quota) -> dict[str, JsonValue]:
    """Return a quota as audit and command line show it; ids as text, for they need all 64 bits."""
    return {
        "tenant_id": str(quota.tenant_id),
        "namespace_id": None if quota.namespace_id is None else str(quota.namespace_id),
        "metric": quota.metric.value,
        "period": quota.limit.period.value,
        "units": quota.limit.units,
    }


def _place(quota: Quota) -> tuple[int | None, Metric]:
    return quota.namespace_id, quota.metric
