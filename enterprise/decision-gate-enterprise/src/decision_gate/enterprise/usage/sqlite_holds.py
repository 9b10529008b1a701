"""Reserved room in SQLite: counted like what is billed, until it is settled, released, or its lease is over.

INVARIANT: a counter is the sum of its ledger rows and of its reservations, in every committed state.
"""

import sqlite3
from typing import Any, Final

from decision_gate.mcp.stores.sqlite import Migration

RESERVATIONS: Final[Migration] = (
    """
    CREATE TABLE usage_reservations (
        tenant BLOB NOT NULL, metric TEXT NOT NULL,
        hold BLOB NOT NULL,         -- the call it belongs to: two may each hold room for one operation
        key BLOB NOT NULL,          -- of the charge it is for, as far as that is known beforehand
        units INTEGER NOT NULL CHECK (units >= 0),
        period TEXT NOT NULL,
        details BLOB NOT NULL,      -- canonical JSON
        namespace BLOB, namespace_period TEXT,
        ends_at INTEGER NOT NULL,   -- Unix milliseconds
        PRIMARY KEY (tenant, metric, hold)
    ) WITHOUT ROWID
    """,
)

_BEGIN: Final = (
    "INSERT INTO usage_reservations "
    "(tenant, metric, key, units, period, details, namespace, namespace_period, hold, ends_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_RETURNED: Final = "RETURNING tenant, metric, units, period, namespace, namespace_period"
_END: Final = f"DELETE FROM usage_reservations WHERE (tenant, metric, hold) = (?, ?, ?) {_RETURNED}"  # noqa: S608 - a constant
_END_EXPIRED: Final = f"DELETE FROM usage_reservations WHERE (tenant, metric) = (?, ?) AND ends_at <= ? {_RETURNED}"  # noqa: S608 - a constant
_EXPIRED: Final = "SELECT 1 FROM usage_reservations WHERE (tenant, metric) = (?, ?) AND ends_at <= ? LIMIT 1"
_GIVE_BACK: Final = "UPDATE usage_counters SET used = used - ? WHERE (tenant, metric, period) = (?, ?, ?)"
_GIVE_BACK_IN_NAMESPACE: Final = (
    "UPDATE usage_namespace_counters SET used = used - ? WHERE (tenant, namespace, metric, period) = (?, ?, ?, ?)"
)


def begin_hold(connection: sqlite3.Connection, row: tuple[Any, ...], hold: bytes, ends_at: int) -> bool:
    """Hold the room of a would-be ledger *row*; false when this hold is there already. Counters are the caller's."""
    return connection.execute(_BEGIN, (*row, hold, ends_at)).rowcount > 0


def end_hold(connection: sqlite3.Connection, name: tuple[bytes, str, bytes]) -> None:
    """Give back the room of one hold, named by tenant, metric and hold; one that has ended is no error."""
    _give_back(connection, connection.execute(_END, name).fetchall())


def end_expired_holds(connection: sqlite3.Connection, place: tuple[bytes, str], at_ms: int) -> bool:
    """Give back what a tenant holds of a metric beyond its lease, for who reserved it died; tell whether it did."""
    ended = connection.execute(_END_EXPIRED, (*place, at_ms)).fetchall()
    _give_back(connection, ended)
    return bool(ended)


def has_expired_holds(connection: sqlite3.Connection, place: tuple[bytes, str], at_ms: int) -> bool:
    """Tell whether a tenant holds something of a metric beyond its lease."""
    return connection.execute(_EXPIRED, (*place, at_ms)).fetchone() is not None


def _give_back(connection: sqlite3.Connection, ended: list[Any]) -> None:
    for tenant, metric, units, period, namespace, namespace_period in ended:
        connection.execute(_GIVE_BACK, (units, tenant, metric, period))
        if namespace is not None:
            connection.execute(_GIVE_BACK_IN_NAMESPACE, (units, tenant, namespace, metric, namespace_period))
