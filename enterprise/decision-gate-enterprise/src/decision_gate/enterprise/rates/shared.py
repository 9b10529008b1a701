"""Rates that all servers share, in PostgreSQL: one statement a request, judged by the clock of the database."""

import hashlib
import itertools
from importlib.resources import files
from typing import Final

from decision_gate.core.ports import OutcomeUnknownError, StoreUnavailableError
from decision_gate.enterprise.rates.gcra import Rate
from decision_gate.enterprise.rates.memory import MemoryGcra, retry_after_ms
from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.enterprise.stores.postgres.session import Session
from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimitedError

_CHECK: Final = "SELECT decision_gate.check_rate(%b, %s, %b, %s::bigint, %s::bigint)"
_FORGET: Final = "SELECT decision_gate.forget_rates()"
_FORGET_EACH: Final = 10_000


def rates_family() -> Family:
    """Return the migrations of the table of rates."""
    return read_family("rates", files("decision_gate.enterprise.rates") / "migrations")


class SharedGcra:
    """A ``RateLimiter`` of all servers on one database.

    Without the database it falls back to *local*, the rates of this process: never without limit, and no outage of its
    own making.

    The peer's address is judged in memory: it comes before authentication, and strangers must not reach the database.
    """

    def __init__(self, session: Session, rates: dict[Bucket, Rate], local: MemoryGcra) -> None:
        self._session = session
        self._rates = rates
        self._local = local
        self._calls = itertools.count(1)

    def check(self, bucket: Bucket, key: str, now_ms: float) -> None:
        """See ``RateLimiter``; a refused request is not counted.

        Raises:
            RateLimitedError: It came too early.
            RateLimiterOverloadedError: More callers are busy than this process can remember.
        """
        rate = self._rates.get(bucket)
        if rate is None:
            return
        if bucket is Bucket.PEER:
            self._local.check(bucket, key, now_ms)
            return
        try:
            if next(self._calls) % _FORGET_EACH == 0:
                self._session.commit(_FORGET, ())
            tenant = int(key).to_bytes(8, "big") if bucket is Bucket.TENANT else b""
            # Hashed: a principal's name may be of any length, a key of an index may not.
            name = hashlib.sha256(key.encode()).digest()
            place = (tenant, bucket.value, name)
            (wait_us,) = self._session.commit(_CHECK, (*place, rate.interval_us, rate.tolerance_us))
        except (StoreUnavailableError, OutcomeUnknownError):
            self._local.check(bucket, key, now_ms)
            return
        if wait_us is not None:
            raise RateLimitedError(retry_after_ms(wait_us))
