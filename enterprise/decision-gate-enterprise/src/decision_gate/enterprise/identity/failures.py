"""How often one address may present what is no key before nothing more is hashed for it.

A hash costs the server twenty milliseconds and whoever invents keys nothing. So an address has a number of failures to
spend; once they are spent, secrets that are not proven yet are turned away from there unhashed, whether their key
exists or not. Keys that this process has proven already are never held up by it.
"""

import threading
from collections import OrderedDict
from typing import Final

from decision_gate.enterprise.rates.gcra import Admitted, Rate, Refused, judge
from decision_gate.enterprise.rates.memory import retry_after_ms
from decision_gate.mcp.hooks.rate_limiter import RateLimitedError

_US_OF_MS: Final = 1_000
_US_OF_MINUTE: Final = 60_000_000
_BURST: Final = 20
_MOST: Final = 10_000


class Failures:
    """Failures of each address in one process; *per_minute* on average and twenty at once. Safe for threads."""

    def __init__(self, *, per_minute: int) -> None:
        self._rate = Rate(interval_us=_US_OF_MINUTE // per_minute, burst=_BURST)
        self._arrivals: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def demand_room(self, address: str, at_ms: float) -> None:
        """Demand that one more failure would still be within the rate; counts nothing.

        Raises:
            RateLimitedError: It would not.
        """
        with self._lock:
            judged = judge(self._rate, self._arrivals.get(address), int(at_ms * _US_OF_MS))
        if isinstance(judged, Refused):
            raise RateLimitedError(retry_after_ms(judged.retry_after_us))

    def note(self, address: str, at_ms: float) -> None:
        """Count one failure. Of more than ten thousand addresses those that failed longest ago are forgotten."""
        with self._lock:
            judged = judge(self._rate, self._arrivals.get(address), int(at_ms * _US_OF_MS))
            if isinstance(judged, Admitted):
                self._arrivals[address] = judged.arrival_us
                self._arrivals.move_to_end(address)
            while len(self._arrivals) > _MOST:
                self._arrivals.popitem(last=False)
