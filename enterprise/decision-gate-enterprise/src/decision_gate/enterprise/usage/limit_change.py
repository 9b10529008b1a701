"""The statement that sets a limit, one text for both engines (see ``transactions``)."""

from typing import Final

from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.usage.books import Limit
from decision_gate.mcp.hooks.usage_meter import Metric

_OF_TENANT: Final = (
    "INSERT INTO decision_gate.usage_limits (tenant, metric, period, units) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (tenant, metric) DO UPDATE SET period = excluded.period, units = excluded.units"
)
_OF_NAMESPACE: Final = (
    "INSERT INTO decision_gate.usage_namespace_limits (tenant, namespace, metric, period, units) "
    "VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (tenant, namespace, metric) DO UPDATE SET period = excluded.period, units = excluded.units"
)


def limit_change(
    tenant_id: int, namespace_id: int | None, metric: Metric, limit: Limit
) -> tuple[str, tuple[bytes | str | int | None, ...]]:
    """Return statement and parameters that set the limit of a tenant, or of one of its namespaces."""
    rule = (metric.value, limit.period.value, limit.units)
    if namespace_id is None:
        return _OF_TENANT, (number(tenant_id), *rule)
    return _OF_NAMESPACE, (number(tenant_id), number(namespace_id), *rule)
