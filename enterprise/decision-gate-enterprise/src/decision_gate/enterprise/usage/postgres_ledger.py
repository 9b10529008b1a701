"""The ledger in PostgreSQL; ``migrations/0001_usage.sql`` has its tables and the function that applies riders."""

from collections.abc import Iterator
from importlib.resources import files

from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.stores.postgres.session import Session
from decision_gate.enterprise.usage.books import Entry, Limit, Standing
from decision_gate.enterprise.usage.periods import Period
from decision_gate.mcp.hooks.usage_meter import USAGE, Metric

_STANDING = (
    "SELECT r.kind, r.units, coalesce((SELECT c.used FROM decision_gate.usage_counters c "
    "WHERE c.tenant = %b AND c.metric = %s AND c.period = r.period), 0) FROM decision_gate.usage_rule(%b, %s) r"
)
_SET = (
    "INSERT INTO decision_gate.usage_limits (tenant, metric, period, units) VALUES (%b, %s, %s, %s) "
    "ON CONFLICT (tenant, metric) DO UPDATE SET period = EXCLUDED.period, units = EXCLUDED.units RETURNING 1"
)
_ENTRIES = (
    "SELECT metric, key, units, period, details FROM decision_gate.usage_ledger "
    "WHERE tenant = %b AND (metric, key) > (%s, %b) ORDER BY metric, key LIMIT 1000"
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

    def standing(self, tenant_id: int, metric: Metric, at_ms: int) -> Standing:
        """See ``UsageBooks``; the clock of the database names the period."""
        del at_ms
        tenant = number(tenant_id)
        ((kind, units, used),) = self._session.rows(_STANDING, (tenant, metric.value, tenant, metric.value))
        return Standing(used=used, limit=Limit(period=Period(kind), units=units))

    def set_limit(self, tenant_id: int, metric: Metric, limit: Limit) -> None:
        """See ``UsageBooks``."""
        self._session.commit(_SET, (number(tenant_id), metric.value, limit.period.value, limit.units))

    def entries(self, tenant_id: int) -> Iterator[Entry]:
        """See ``UsageBooks``."""
        place = ("", b"")
        while page := self._session.rows(_ENTRIES, (number(tenant_id), *place)):
            for metric, key, units, period, details in page:
                yield Entry(metric=Metric(metric), key=key.decode(), units=units, period=period, details=details)
            place = page[-1][:2]
