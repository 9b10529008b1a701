"""Ending the reservations that outlived their lease, of all tenants: their processes died before the bill.

A commit that needs the room ends those of its own tenant; this is for the nights.
"""

from typing import Final

from decision_gate.enterprise.transactions import Transaction, Transactions
from decision_gate.mcp.hooks.audit_sink import NoSink

_EXPIRED: Final = (
    "SELECT tenant, metric, hold, units, period, namespace, namespace_period "
    "FROM decision_gate.usage_reservations WHERE ends_at <= ?"
)
_END: Final = (
    "DELETE FROM decision_gate.usage_reservations WHERE tenant = ? AND metric = ? AND hold = ? AND ends_at <= ?"
)
_GIVE_BACK: Final = (
    "UPDATE decision_gate.usage_counters SET used = used - ? WHERE tenant = ? AND metric = ? AND period = ?"
)
_GIVE_BACK_IN_NAMESPACE: Final = (
    "UPDATE decision_gate.usage_namespace_counters SET used = used - ? "
    "WHERE tenant = ? AND namespace = ? AND metric = ? AND period = ?"
)


def end_all_expired(database: Transactions, at_ms: int) -> int:
    """Give back all room that was held until *at_ms* or before, and return how many reservations that ended.

    Raises:
        StoreUnavailableError: Nothing is changed.
        OutcomeUnknownError: It may be changed or not.
    """
    if not database.rows(_EXPIRED, at_ms):
        return 0
    return database.run(NoSink(), lambda transaction: _ended(transaction, at_ms))


def _ended(transaction: Transaction, at_ms: int) -> int:
    total = 0
    for tenant, metric, hold, units, period, namespace, namespace_period in transaction.rows(_EXPIRED, at_ms):
        if not transaction.write(_END, tenant, metric, hold, at_ms):
            continue  # a commit was faster
        total += 1
        transaction.write(_GIVE_BACK, units, tenant, metric, period)
        if namespace is not None:
            transaction.write(_GIVE_BACK_IN_NAMESPACE, units, tenant, namespace, metric, namespace_period)
    return total
