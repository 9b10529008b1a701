"""Reconciliation: the ledger, its counters and the stores tell the same.

Counters and numbers of things are compared by one statement each, which sees one moment of a database that servers
write to; bytes by ``recount``.
"""

from typing import Final

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.transactions import Reader, Transactions
from decision_gate.enterprise.usage.recount import StorageDifference, recount
from decision_gate.mcp.hooks.usage_meter import Metric

_COUNTERS: Final = """
    SELECT tenant, namespace, metric, period, CAST(sum(billed) AS bigint), CAST(sum(counted) AS bigint)
    FROM (
        SELECT tenant, namespace, metric, namespace_period AS period, units AS billed, 0 AS counted
        FROM decision_gate.usage_ledger WHERE namespace IS NOT NULL
        UNION ALL
        SELECT tenant, namespace, metric, period, 0, used FROM decision_gate.usage_namespace_counters
        UNION ALL
        SELECT tenant, namespace, metric, namespace_period, units, 0
        FROM decision_gate.usage_reservations WHERE namespace IS NOT NULL
        UNION ALL
        SELECT tenant, NULL, metric, period, units, 0 FROM decision_gate.usage_ledger
        UNION ALL
        SELECT tenant, NULL, metric, period, units, 0 FROM decision_gate.usage_reservations
        UNION ALL
        SELECT tenant, NULL, metric, period, 0, used FROM decision_gate.usage_counters
    ) AS found
    GROUP BY tenant, namespace, metric, period HAVING sum(billed) <> sum(counted)
    ORDER BY tenant, namespace, metric, period
"""
_STORES: Final = """
    SELECT tenant, metric, CAST(sum(billed) AS bigint), CAST(sum(kept) AS bigint)
    FROM (
        SELECT tenant, metric, units AS billed, 0 AS kept FROM decision_gate.usage_ledger
        WHERE reference IS NULL AND metric IN ('runs_started', 'schemas_written', 'registry_entries')
        UNION ALL SELECT tenant, 'runs_started', 0, 1 FROM decision_gate.runs
        UNION ALL SELECT tenant, 'schemas_written', 0, 1 FROM decision_gate.data_shapes
        UNION ALL SELECT tenant, 'registry_entries', 0, 1 FROM decision_gate.data_shapes
    ) AS found
    GROUP BY tenant, metric HAVING sum(billed) <> sum(kept) ORDER BY tenant, metric
"""


@attrs.frozen(kw_only=True)
class CounterDifference:
    """A counter that is not the sum of its rows and of the room that is held; without ``namespace_id`` a tenant's."""

    tenant_id: int
    namespace_id: int | None
    metric: Metric
    period: str
    billed: int
    counted: int


@attrs.frozen(kw_only=True)
class StoreDifference:
    """Charges, before corrections, that are not as many as what the stores keep."""

    tenant_id: int
    metric: Metric
    billed: int
    kept: int


@attrs.frozen(kw_only=True)
class Reconciliation:
    """What does not agree; nothing when all is well."""

    counters: tuple[CounterDifference, ...]
    stores: tuple[StoreDifference, ...]
    storage: tuple[StorageDifference, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.counters and not self.stores and not self.storage

    def told(self) -> dict[str, JsonValue]:
        """Return the differences as JSON; ids as text, for they need all 64 bits."""
        return {
            "agrees": self.agrees,
            "counters": [
                {
                    "tenant_id": str(each.tenant_id),
                    "namespace_id": None if each.namespace_id is None else str(each.namespace_id),
                    "metric": each.metric.value,
                    "period": each.period,
                    "billed": each.billed,
                    "counted": each.counted,
                }
                for each in self.counters
            ],
            "stores": [
                {
                    "tenant_id": str(each.tenant_id),
                    "metric": each.metric.value,
                    "billed": each.billed,
                    "kept": each.kept,
                }
                for each in self.stores
            ],
            "storage": [each.told() for each in self.storage],
        }


def reconcile(database: Transactions) -> Reconciliation:
    """Compare the ledger with its counters, by tenant, namespace, metric and period, and with the stores.

    Things that were there before metering began, or came in beside it, show as a difference to the stores. Reads every
    row of the ledger.

    Raises:
        StoreError: The database does not answer, or is damaged.
    """
    stores = tuple(
        StoreDifference(tenant_id=int.from_bytes(tenant, "big"), metric=Metric(metric), billed=billed, kept=kept)
        for tenant, metric, billed, kept in database.rows(_STORES)
    )
    return Reconciliation(counters=wrong_counters(database), stores=stores, storage=recount(database))


def wrong_counters(reader: Reader) -> tuple[CounterDifference, ...]:
    """Return the counters that are not the sums of their rows and of the room that is held.

    Raises:
        StoreUnavailableError: The database does not answer.
    """
    return tuple(
        CounterDifference(
            tenant_id=int.from_bytes(tenant, "big"),
            namespace_id=None if namespace is None else int.from_bytes(namespace, "big"),
            metric=Metric(metric),
            period=period,
            billed=billed,
            counted=counted,
        )
        for tenant, namespace, metric, period, billed, counted in reader.rows(_COUNTERS)
    )
