"""The ledger in PostgreSQL; ``migrations/0001_usage.sql`` has its tables and the function that applies riders."""

from collections.abc import Iterator
from importlib.resources import files

from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.stores.postgres.session import Session
from decision_gate.enterprise.usage.books import Entry, Limit, Standing, entry_of
from decision_gate.enterprise.usage.limit_change import limit_change
from decision_gate.enterprise.usage.periods import Period
from decision_gate.mcp.hooks.usage_meter import USAGE, Metric

_STANDING = (
    "SELECT 1, r.kind, r.units, r.period, coalesce((SELECT c.used FROM decision_gate.usage_counters c "
    "WHERE c.tenant = %b AND c.metric = %s AND c.period = r.period), 0) FROM decision_gate.usage_rule(%b, %s) r"
)
_NAMESPACE_STANDING = (
    "SELECT 2, r.kind, r.units, r.period, coalesce((SELECT c.used FROM decision_gate.usage_namespace_counters c "
    "WHERE c.tenant = %b AND c.namespace = %b AND c.metric = %s AND c.period = r.period), 0) "
    "FROM decision_gate.usage_namespace_rule(%b, %b, %s) r"
)
_EXPIRED = (
    "SELECT 1 FROM decision_gate.usage_reservations WHERE tenant = %b AND metric = %s "
    "AND ends_at <= decision_gate.usage_now_ms() LIMIT 1"
)
_ENTRIES = (
    "SELECT metric, key, units, period, details, namespace, namespace_period, reference "
    "FROM decision_gate.usage_ledger WHERE tenant = %b AND (metric, key) > (%s, %b) ORDER BY metric, key LIMIT 1000"
)


class PostgresLedgerTable:
    """The ``PostgresRiderTable`` of usage."""

    @property
    def kind(self) -> str:
        """See ``PostgresRiderTable``."""
        return USAGE

    @property
    def family(self) -> Family:
        """See ``PostgresRiderTable``."""
        return read_family(USAGE, files("decision_gate.enterprise.usage") / "migrations")


class PostgresBooks:
    """See ``UsageBooks``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def standings(self, tenant_id: int, namespace_id: int | None, metric: Metric, at_ms: int) -> tuple[Standing, ...]:
        """See ``UsageBooks``; the clock of the database names the period. One round trip."""
        del at_ms
        tenant = number(tenant_id)
        statement, parameters = _STANDING, (tenant, metric.value, tenant, metric.value)
        if namespace_id is None:
            return tuple(_standing(*row[1:]) for row in self._session.rows(statement, parameters))
        inner = (tenant, number(namespace_id), metric.value)
        rows = self._session.rows(
            f"{statement} UNION ALL {_NAMESPACE_STANDING} ORDER BY 1", (*parameters, *inner, *inner)
        )
        return tuple(_standing(*row[1:]) for row in rows)

    def standing(self, tenant_id: int, metric: Metric, at_ms: int) -> Standing:
        """See ``UsageBooks``."""
        (standing,) = self.standings(tenant_id, None, metric, at_ms)
        return standing

    def has_expired_holds(self, tenant_id: int, metric: Metric, at_ms: int) -> bool:
        """See ``UsageBooks``; by the clock of the database."""
        del at_ms
        return bool(self._session.rows(_EXPIRED, (number(tenant_id), metric.value)))

    def set_limit(self, tenant_id: int, metric: Metric, limit: Limit, *, namespace_id: int | None = None) -> None:
        """See ``UsageBooks``."""
        statement, parameters = limit_change(tenant_id, namespace_id, metric, limit)
        self._session.commit(f"{statement.replace('?', '%s')} RETURNING 1", parameters)

    def entries(self, tenant_id: int) -> Iterator[Entry]:
        """See ``UsageBooks``."""
        place = ("", b"")
        while page := self._session.rows(_ENTRIES, (number(tenant_id), *place)):
            for row in page:
                yield entry_of(row)
            place = page[-1][:2]


def _standing(kind: str, units: int | None, period: str, used: int) -> Standing:
    length = Period(kind)
    return Standing(used=used, limit=Limit(period=length, units=units), resets_at_ms=length.end_of(period))
