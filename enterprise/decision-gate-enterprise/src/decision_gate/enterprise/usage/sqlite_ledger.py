"""The ledger in SQLite: the same three tables, applied in the transaction of the run store."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from decision_gate.core.ports import Rider, RiderRefusedError
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.usage.books import EVERY_TENANT, Entry, Limit, Standing
from decision_gate.enterprise.usage.charge_body import decode_charge, details_of
from decision_gate.enterprise.usage.periods import Period
from decision_gate.mcp.hooks.usage_meter import USAGE, Metric
from decision_gate.mcp.stores.sqlite import Migration, SqliteDatabase

_FIRST: Final[Migration] = (
    """
    CREATE TABLE usage_ledger (
        tenant BLOB NOT NULL,       -- 8 bytes, big-endian
        metric TEXT NOT NULL,
        key BLOB NOT NULL,          -- UTF-8
        units INTEGER NOT NULL,
        period TEXT NOT NULL,
        details BLOB NOT NULL,      -- canonical JSON
        PRIMARY KEY (tenant, metric, key)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE usage_counters (
        tenant BLOB NOT NULL, metric TEXT NOT NULL, period TEXT NOT NULL,
        used INTEGER NOT NULL CHECK (used >= 0),
        PRIMARY KEY (tenant, metric, period)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE usage_limits (
        tenant BLOB NOT NULL,       -- eight zero bytes: every tenant without its own
        metric TEXT NOT NULL, period TEXT NOT NULL,
        units INTEGER,              -- null: counted, not limited
        PRIMARY KEY (tenant, metric)
    ) WITHOUT ROWID
    """,
)
_BILL = "INSERT INTO usage_ledger VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_COUNT = (
    "INSERT INTO usage_counters SELECT :tenant, :metric, :period, :units WHERE :most IS NULL OR :units <= :most "
    "ON CONFLICT (tenant, metric, period) DO UPDATE SET used = used + excluded.used "
    "WHERE :most IS NULL OR used + excluded.used <= :most"
)
_RULE = "SELECT period, units FROM usage_limits WHERE tenant IN (?, ?) AND metric = ? ORDER BY tenant DESC LIMIT 1"
_ENTRIES = (
    "SELECT metric, key, units, period, details FROM usage_ledger "
    "WHERE tenant = ? AND (metric, key) > (?, ?) ORDER BY metric, key LIMIT 1000"
)


class SqliteLedgerTable:
    """The ``SqliteRiderTable`` of usage."""

    @property
    def kind(self) -> str:
        """See ``SqliteRiderTable``."""
        return USAGE

    @property
    def migrations(self) -> Sequence[Migration]:
        """See ``SqliteRiderTable``."""
        return (_FIRST,)

    def apply(self, connection: sqlite3.Connection, rider: Rider) -> None:
        """Bill once and move the counter, or refuse.

        Raises:
            RiderRefusedError: The quota does not leave room.
        """
        charge = decode_charge(rider.body)
        tenant, metric = number(charge.tenant_id), charge.metric.value
        rule = _rule(connection, charge.tenant_id, charge.metric)
        # The server's clock: one file, one host.
        period = rule.period.name_at(details_of(charge.details)["at_ms"])
        row = (tenant, metric, rider.key.encode(), charge.units, period, charge.details)
        if connection.execute(_BILL, row).rowcount == 0:
            return
        counted = connection.execute(
            _COUNT,
            {"tenant": tenant, "metric": metric, "period": period, "units": charge.units, "most": rule.units},
        )
        if counted.rowcount == 0:
            raise RiderRefusedError(USAGE, f"quota exceeded: {metric}")


class SqliteBooks:
    """See ``UsageBooks``."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def standing(self, tenant_id: int, metric: Metric, at_ms: int) -> Standing:
        """See ``UsageBooks``."""
        with self._database.reading() as connection:
            rule = _rule(connection, tenant_id, metric)
            row = connection.execute(
                "SELECT used FROM usage_counters WHERE tenant = ? AND metric = ? AND period = ?",
                (number(tenant_id), metric.value, rule.period.name_at(at_ms)),
            ).fetchone()
        return Standing(used=row[0] if row else 0, limit=rule)

    def set_limit(self, tenant_id: int, metric: Metric, limit: Limit) -> None:
        """See ``UsageBooks``."""
        row = (number(tenant_id), metric.value, limit.period.value, limit.units)
        self._database.write(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO usage_limits VALUES (?, ?, ?, ?)", row
            ).close()
        )

    def entries(self, tenant_id: int) -> Iterator[Entry]:
        """See ``UsageBooks``."""
        place: tuple[str, bytes] = ("", b"")
        while page := self._page(tenant_id, place):
            for metric, key, units, period, details in page:
                yield Entry(metric=Metric(metric), key=key.decode(), units=units, period=period, details=details)
            place = page[-1][:2]

    def _page(self, tenant_id: int, place: tuple[str, bytes]) -> list[tuple[str, bytes, int, str, bytes]]:
        with self._database.reading() as connection:
            return connection.execute(_ENTRIES, (number(tenant_id), *place)).fetchall()


def _rule(connection: sqlite3.Connection, tenant_id: int, metric: Metric) -> Limit:
    """Return the limit of a tenant: its own, else that of every tenant, else none by the month."""
    keys = (number(tenant_id), number(EVERY_TENANT), metric.value)
    row = connection.execute(_RULE, keys).fetchone()
    return Limit(period=Period(row[0]), units=row[1]) if row else Limit()
