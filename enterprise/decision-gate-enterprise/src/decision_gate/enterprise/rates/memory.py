"""Rates of one process, in memory."""

import math
import threading
from typing import Final

from decision_gate.enterprise.rates.gcra import Admitted, Rate, Refused, judge
from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimitedError, RateLimiterOverloadedError

_US_OF_MS: Final = 1_000


class MemoryGcra:
    """A ``RateLimiter`` of one process. Every bucket has its own rate; one without is not limited."""

    def __init__(self, rates: dict[Bucket, Rate], *, max_entries: int) -> None:
        self._rates = rates
        self._max_entries = max_entries
        self._arrivals: dict[Bucket, dict[str, int]] = {bucket: {} for bucket in Bucket}
        self._lock = threading.Lock()

    def check(self, bucket: Bucket, key: str, now_ms: float) -> None:
        """See ``RateLimiter``; a refused request is not counted.

        Raises:
            RateLimitedError: It came too early.
            RateLimiterOverloadedError: More callers are busy than can be remembered.
        """
        rate = self._rates.get(bucket)
        if rate is None:
            return
        now_us = int(now_ms * _US_OF_MS)
        with self._lock:
            arrivals = self._arrivals[bucket]
            match judge(rate, arrivals.get(key), now_us):
                case Admitted(arrival_us=arrival_us):
                    if key not in arrivals:
                        self._make_room(arrivals, now_us)
                    arrivals[key] = arrival_us
                case Refused(retry_after_us=retry_after_us):
                    raise RateLimitedError(retry_after_ms(retry_after_us))

    def _make_room(self, arrivals: dict[str, int], now_us: int) -> None:
        """Forget callers whose arrival time has passed: they are as good as new."""
        if len(arrivals) < self._max_entries:
            return
        for idle in [key for key, arrival_us in arrivals.items() if arrival_us <= now_us]:
            del arrivals[idle]
        if len(arrivals) >= self._max_entries:
            raise RateLimiterOverloadedError


def retry_after_ms(retry_after_us: int) -> int:
    """Return whole milliseconds that are not too few: a caller that waits so long is admitted."""
    return math.ceil(retry_after_us / _US_OF_MS)
