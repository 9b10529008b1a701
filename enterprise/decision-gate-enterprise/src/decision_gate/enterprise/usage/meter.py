"""The usage meter ``ledger``: looks before the work, bills with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from decision_gate.core.ports import Rider
from decision_gate.enterprise.database import DatabaseSettings, open_beside
from decision_gate.enterprise.stores.postgres.session import Session
from decision_gate.enterprise.usage.books import UsageBooks
from decision_gate.enterprise.usage.charge_body import Mode, charge_rider, usage_rider
from decision_gate.enterprise.usage.postgres_ledger import PostgresBooks, PostgresLedgerTable
from decision_gate.enterprise.usage.sqlite_ledger import SqliteBooks, SqliteLedgerTable
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.usage_meter import Charge, MeteredCall, Metric
from decision_gate.mcp.hooks.verdict import Verdict

MISSING_TENANT = "missing_tenant_id"
QUOTA_EXCEEDED = "quota_exceeded"


@attrs.frozen(kw_only=True)
class LedgerSettings(DatabaseSettings):
    """``[usage_meter]`` of type ``ledger``."""


class LedgerMeter:
    """A ``UsageMeter`` on a ledger. Limits are rows of the database, not of the configuration."""

    def __init__(self, books: UsageBooks) -> None:
        self._books = books

    @property
    def metrics(self) -> frozenset[Metric]:
        """See ``UsageMeter``: everything is counted."""
        return frozenset(Metric)

    def admit(self, call: MeteredCall, charge: Charge) -> Verdict:
        """See ``UsageMeter``. Racers may all be admitted; the commit decides who of them was in time."""
        if call.tenant_id is None:
            # No quota is told: nothing is used up, nobody is there to pay.
            return Verdict(allowed=False, reason=MISSING_TENANT)
        for standing in self._books.standings(call.tenant_id, call.namespace_id, charge.metric, call.at_ms):
            if standing.leaves_room_for(charge.units):
                continue
            if not self._books.has_expired_holds(call.tenant_id, charge.metric, call.at_ms):
                return Verdict(allowed=False, reason=QUOTA_EXCEEDED, quota=standing.told())
        return Verdict(allowed=True, reason="allowed")

    def riders(self, call: MeteredCall) -> Sequence[Rider]:
        """See ``UsageMeter``.

        Raises:
            UnauthorizedError: Nobody is named to pay; the guard has refused such a call before.
        """
        if call.tenant_id is None:
            raise UnauthorizedError(MISSING_TENANT)
        return tuple(charge_rider(call, call.tenant_id, charge) for charge in call.charges)

    def reserve(self, call: MeteredCall) -> Sequence[Rider]:
        """See ``UsageMeter``."""
        return self._about_holds(Mode.RESERVE, call)

    def release(self, call: MeteredCall) -> Sequence[Rider]:
        """See ``UsageMeter``."""
        return self._about_holds(Mode.RELEASE, call)

    def _about_holds(self, mode: Mode, call: MeteredCall) -> Sequence[Rider]:
        if call.tenant_id is None:
            raise UnauthorizedError(MISSING_TENANT)
        return tuple(usage_rider(mode, call, call.tenant_id, charge) for charge in call.charges)

    def rider_table(self, engine: str) -> Any:  # noqa: ANN401 - each engine has its own protocol of rider tables
        """See ``UsageMeter``."""
        match engine:
            case "postgres":
                return PostgresLedgerTable()
            case "sqlite":
                return SqliteLedgerTable()
            case _:
                return None


@contextmanager
def open_ledger(settings: LedgerSettings) -> Iterator[LedgerMeter]:
    """Open the usage meter ``ledger`` on the database of the runs."""
    with open_books(settings) as books:
        yield LedgerMeter(books)


@contextmanager
def open_books(settings: DatabaseSettings) -> Iterator[UsageBooks]:
    """Open the books of all tenants, for the meter and for administration."""
    with open_beside(settings, PostgresLedgerTable().family, SqliteLedgerTable()) as database:
        yield PostgresBooks(database) if isinstance(database, Session) else SqliteBooks(database)
