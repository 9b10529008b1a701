"""The ledger in SQLite: the same tables, applied in the transaction of the run store."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from decision_gate.core.ports import Rider, RiderRefusedError
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.usage.books import EVERY_TENANT, Entry, Limit, Standing, entry_of
from decision_gate.enterprise.usage.charge_body import Mode, decode_charge, details_of
from decision_gate.enterprise.usage.limit_change import limit_change
from decision_gate.enterprise.usage.periods import Period
from decision_gate.enterprise.usage.sqlite_holds import (
    RESERVATIONS,
    begin_hold,
    end_expired_holds,
    end_hold,
    has_expired_holds,
)
from decision_gate.mcp.hooks.usage_meter import LEASE_MS, USAGE, Metric
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
_SECOND: Final[Migration] = (
    "ALTER TABLE usage_ledger ADD COLUMN namespace BLOB",  # null: the call named none
    "ALTER TABLE usage_ledger ADD COLUMN namespace_period TEXT",
    "ALTER TABLE usage_ledger ADD COLUMN reference BLOB",  # key of the row that this one corrects
    "CREATE INDEX usage_ledger_by_reference ON usage_ledger (tenant, metric, reference) WHERE reference IS NOT NULL",
    """
    CREATE TABLE usage_namespace_counters (
        tenant BLOB NOT NULL, namespace BLOB NOT NULL, metric TEXT NOT NULL, period TEXT NOT NULL,
        used INTEGER NOT NULL CHECK (used >= 0),
        PRIMARY KEY (tenant, namespace, metric, period)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE usage_namespace_limits (
        tenant BLOB NOT NULL, namespace BLOB NOT NULL, metric TEXT NOT NULL, period TEXT NOT NULL,
        units INTEGER,              -- null: counted, not limited
        PRIMARY KEY (tenant, namespace, metric)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER usage_ledger_is_never_updated BEFORE UPDATE ON usage_ledger
    BEGIN SELECT RAISE(ABORT, 'the usage ledger only grows'); END
    """,
    """
    CREATE TRIGGER usage_ledger_is_never_deleted BEFORE DELETE ON usage_ledger
    BEGIN SELECT RAISE(ABORT, 'the usage ledger only grows'); END
    """,
    """
    CREATE TRIGGER usage_ledger_credits_only_by_reference BEFORE INSERT ON usage_ledger
    WHEN CASE WHEN NEW.reference IS NULL THEN NEW.units < 0 ELSE NEW.units >= 0 END
    BEGIN SELECT RAISE(ABORT, 'corrections are negative and refer to what they correct'); END
    """,
)
_BILL = (
    "INSERT INTO usage_ledger (tenant, metric, key, units, period, details, namespace, namespace_period) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_BILLED = "SELECT 1 FROM usage_ledger WHERE (tenant, metric, key) = (?, ?, ?)"
_COUNT = (
    "INSERT INTO usage_counters SELECT :tenant, :metric, :period, :units WHERE :most IS NULL OR :units <= :most "
    "ON CONFLICT (tenant, metric, period) DO UPDATE SET used = used + excluded.used "
    "WHERE :most IS NULL OR used + excluded.used <= :most"
)
_COUNT_IN_NAMESPACE = (
    "INSERT INTO usage_namespace_counters SELECT :tenant, :namespace, :metric, :period, :units "
    "WHERE :most IS NULL OR :units <= :most "
    "ON CONFLICT (tenant, namespace, metric, period) DO UPDATE SET used = used + excluded.used "
    "WHERE :most IS NULL OR used + excluded.used <= :most"
)
_RULE = "SELECT period, units FROM usage_limits WHERE tenant IN (?, ?) AND metric = ? ORDER BY tenant DESC LIMIT 1"
_NAMESPACE_RULE = "SELECT period, units FROM usage_namespace_limits WHERE (tenant, namespace, metric) = (?, ?, ?)"
_USED = "SELECT used FROM usage_counters WHERE (tenant, metric, period) = (?, ?, ?)"
_NAMESPACE_USED = "SELECT used FROM usage_namespace_counters WHERE (tenant, namespace, metric, period) = (?, ?, ?, ?)"
_ENTRIES = (
    "SELECT metric, key, units, period, details, namespace, namespace_period, reference FROM usage_ledger "
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
        return (_FIRST, _SECOND, RESERVATIONS)

    def apply(self, connection: sqlite3.Connection, rider: Rider) -> None:
        """Bill once, or hold room, and move the counters of tenant and namespace, or refuse.

        Raises:
            RiderRefusedError: One of the quotas does not leave room.
        """
        charge = decode_charge(rider.body)
        place = (number(charge.tenant_id), charge.metric.value)
        key = rider.key.encode()
        # The server's clock: one file, one host.
        at_ms = details_of(charge.details)["at_ms"]
        if charge.mode in (Mode.SETTLE, Mode.RELEASE):
            end_hold(connection, (*place, charge.hold))
        if charge.mode is Mode.RELEASE or (charge.mode is Mode.RESERVE and _is_billed(connection, (*place, key))):
            return
        rule = _rule(connection, charge.tenant_id, charge.metric)
        namespace, inner, inner_period = None, Limit(), None
        if charge.namespace_id is not None:
            namespace = number(charge.namespace_id)
            inner = _namespace_rule(connection, place[0], namespace, place[1])
            inner_period = inner.period.name_at(at_ms)
        period = rule.period.name_at(at_ms)
        row = (*place, key, charge.units, period, charge.details, namespace, inner_period)
        if charge.mode is Mode.RESERVE:
            is_new = begin_hold(connection, row, charge.hold, at_ms + LEASE_MS)
        else:
            is_new = connection.execute(_BILL, row).rowcount > 0
        if not is_new:
            return
        is_limited = charge.mode.is_limited
        counted = {"tenant": place[0], "metric": place[1], "units": charge.units}
        _count(connection, _COUNT, {**counted, "period": period, "most": rule.units if is_limited else None}, at_ms)
        if namespace is not None:
            most = inner.units if is_limited else None
            inside = {**counted, "namespace": namespace, "period": inner_period, "most": most}
            _count(connection, _COUNT_IN_NAMESPACE, inside, at_ms)


class SqliteBooks:
    """See ``UsageBooks``."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def standings(self, tenant_id: int, namespace_id: int | None, metric: Metric, at_ms: int) -> tuple[Standing, ...]:
        """See ``UsageBooks``."""
        tenant = number(tenant_id)
        with self._database.reading() as connection:
            rule = _rule(connection, tenant_id, metric)
            used = connection.execute(_USED, (tenant, metric.value, rule.period.name_at(at_ms))).fetchone()
            standing = _standing(rule, used, at_ms)
            if namespace_id is None:
                return (standing,)
            namespace = number(namespace_id)
            inner = _namespace_rule(connection, tenant, namespace, metric.value)
            key = (tenant, namespace, metric.value, inner.period.name_at(at_ms))
            used = connection.execute(_NAMESPACE_USED, key).fetchone()
        return standing, _standing(inner, used, at_ms)

    def standing(self, tenant_id: int, metric: Metric, at_ms: int) -> Standing:
        """See ``UsageBooks``."""
        (standing,) = self.standings(tenant_id, None, metric, at_ms)
        return standing

    def has_expired_holds(self, tenant_id: int, metric: Metric, at_ms: int) -> bool:
        """See ``UsageBooks``."""
        with self._database.reading() as connection:
            return has_expired_holds(connection, (number(tenant_id), metric.value), at_ms)

    def set_limit(self, tenant_id: int, metric: Metric, limit: Limit, *, namespace_id: int | None = None) -> None:
        """See ``UsageBooks``."""
        statement, parameters = limit_change(tenant_id, namespace_id, metric, limit)
        local = statement.replace("decision_gate.", "")
        self._database.write(lambda connection: connection.execute(local, parameters).close())

    def entries(self, tenant_id: int) -> Iterator[Entry]:
        """See ``UsageBooks``."""
        place: tuple[str, bytes] = ("", b"")
        while page := self._page(tenant_id, place):
            yield from (entry_of(row) for row in page)
            place = page[-1][:2]

    def _page(self, tenant_id: int, place: tuple[str, bytes]) -> list[Any]:
        with self._database.reading() as connection:
            return connection.execute(_ENTRIES, (number(tenant_id), *place)).fetchall()


def _count(connection: sqlite3.Connection, statement: str, counted: dict[str, Any], at_ms: int) -> None:
    if connection.execute(statement, counted).rowcount:
        return
    # Only now, because nearly always nothing is held beyond its lease.
    has_ended = end_expired_holds(connection, (counted["tenant"], counted["metric"]), at_ms)
    if not has_ended or connection.execute(statement, counted).rowcount == 0:
        raise RiderRefusedError(USAGE, f"quota exceeded: {counted['metric']}", counted["metric"])


def _is_billed(connection: sqlite3.Connection, key: tuple[bytes, str, bytes]) -> bool:
    return connection.execute(_BILLED, key).fetchone() is not None


def _rule(connection: sqlite3.Connection, tenant_id: int, metric: Metric) -> Limit:
    """Return the limit of a tenant: its own, else that of every tenant, else none by the month."""
    keys = (number(tenant_id), number(EVERY_TENANT), metric.value)
    return _limit(connection.execute(_RULE, keys).fetchone())


def _namespace_rule(connection: sqlite3.Connection, tenant: bytes, namespace: bytes, metric: str) -> Limit:
    """Return the limit of a namespace, none by the month unless it has one."""
    return _limit(connection.execute(_NAMESPACE_RULE, (tenant, namespace, metric)).fetchone())


def _limit(row: tuple[str, int | None] | None) -> Limit:
    return Limit(period=Period(row[0]), units=row[1]) if row else Limit()


def _standing(limit: Limit, used: tuple[int] | None, at_ms: int) -> Standing:
    ends = limit.period.end_of(limit.period.name_at(at_ms))
    return Standing(used=used[0] if used else 0, limit=limit, resets_at_ms=ends)
