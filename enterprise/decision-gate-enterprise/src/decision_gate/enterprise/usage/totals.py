"""What was used in each period, from the counters: a report costs the same however long the ledger is."""

from typing import Final

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.transactions import Reader
from decision_gate.mcp.hooks.usage_meter import Metric

_TOTALS: Final = (
    "SELECT metric, period, used FROM decision_gate.usage_counters WHERE tenant = ? ORDER BY metric, period"
)
_NAMESPACE_TOTALS: Final = (
    "SELECT namespace, metric, period, used FROM decision_gate.usage_namespace_counters "
    "WHERE tenant = ? ORDER BY namespace, metric, period"
)


@attrs.frozen(kw_only=True)
class Total:
    """Units of a metric in a period; without ``namespace_id`` those of the whole tenant."""

    namespace_id: int | None = None
    metric: Metric
    period: str
    used: int

    def told(self) -> dict[str, JsonValue]:
        """Return it as JSON; ids as text, for they need all 64 bits."""
        return {
            "namespace_id": None if self.namespace_id is None else str(self.namespace_id),
            "metric": self.metric.value,
            "period": self.period,
            "used": self.used,
        }


def totals_of(reader: Reader, tenant_id: int) -> list[Total]:
    """Return the totals of a tenant, then those of its namespaces; corrections are taken off."""
    tenant = number(tenant_id)
    whole = [
        Total(metric=Metric(metric), period=period, used=used) for metric, period, used in reader.rows(_TOTALS, tenant)
    ]
    inner = [
        Total(namespace_id=int.from_bytes(namespace, "big"), metric=Metric(metric), period=period, used=used)
        for namespace, metric, period, used in reader.rows(_NAMESPACE_TOTALS, tenant)
    ]
    return whole + inner
