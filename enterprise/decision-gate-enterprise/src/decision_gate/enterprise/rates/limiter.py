"""The rate limiter ``gcra``: settings and opening."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from decision_gate.enterprise.rates.gcra import Rate
from decision_gate.enterprise.rates.memory import MemoryGcra
from decision_gate.enterprise.rates.shared import SharedGcra, rates_family
from decision_gate.enterprise.stores.postgres import PostgresSettings, bring_up, open_session
from decision_gate.enterprise.stores.postgres.offers import stores_family
from decision_gate.mcp.config.kinds import Integer, Secret
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.secrets import SecretSource
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimiter

_US_OF_MINUTE: Final = 60_000_000
_MOST: Final = 60_000
_LIMITED: Final = Integer(1, high=_MOST)


@attrs.frozen(kw_only=True)
class GcraSettings:
    """``[rate_limiter]`` of type ``gcra``: requests a minute, and how many of them at once."""

    per_minute: int = key(_LIMITED, "Requests a minute of one principal.")
    burst: int = key(_LIMITED, "Requests of one principal at once.", default=20)
    tenant_per_minute: int | None = key(
        _LIMITED, "Requests a minute of all principals of a tenant; no limit unless given.", default=None
    )
    tenant_burst: int = key(_LIMITED, "Requests of a tenant at once.", default=100)
    peer_per_minute: int | None = key(
        _LIMITED, "Requests a minute of one address; no limit unless given.", default=None
    )
    peer_burst: int = key(_LIMITED, "Requests of one address at once.", default=100)
    max_entries: int = key(Integer(1), "Most busy callers that one server remembers.", default=100_000)
    dsn: SecretSource | None = key(
        Secret(), "PostgreSQL database by which all servers share the rates; of one server unless given.", default=None
    )
    max_connections: int = key(Integer(1), "Most connections of one server to this database.", default=4)

    def check(self) -> None:
        """Demand numbers within their bounds. Raise ``InvalidConfigError``."""
        for name in ("per_minute", "burst", "tenant_per_minute", "tenant_burst", "peer_per_minute", "peer_burst"):
            value = getattr(self, name)
            demand(value is None or 0 < value <= _MOST, f"rate_limiter {name} must be between 1 and {_MOST}")

    def rates(self) -> dict[Bucket, Rate]:
        """Return the rate of each bucket that has one."""
        given = {
            Bucket.PRINCIPAL: (self.per_minute, self.burst),
            Bucket.TENANT: (self.tenant_per_minute, self.tenant_burst),
            Bucket.PEER: (self.peer_per_minute, self.peer_burst),
        }
        return {
            bucket: Rate(interval_us=_US_OF_MINUTE // per_minute, burst=burst)
            for bucket, (per_minute, burst) in given.items()
            if per_minute is not None
        }


@contextmanager
def open_gcra(settings: GcraSettings) -> Iterator[RateLimiter]:
    """Open the limiter of one server, or with a database that of all.

    Raises:
        InvalidConfigError: A number is out of bounds.
        ConfigurationError: The database is not fit, or its schema is newer than this release.
        StoreUnavailableError: It cannot be reached; only once it is open an outage is bridged.
    """
    settings.check()
    rates = settings.rates()
    local = MemoryGcra(rates, max_entries=settings.max_entries)
    if settings.dsn is None:
        yield local
        return
    postgres = PostgresSettings(dsn=settings.dsn, max_connections=settings.max_connections)
    bring_up(postgres, [stores_family(), rates_family()])
    with open_session(postgres) as session:
        yield SharedGcra(session, rates, local)
