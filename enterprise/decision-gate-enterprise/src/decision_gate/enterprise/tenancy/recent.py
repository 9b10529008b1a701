"""Look-ups that may be a little old, so that not every call asks the database; how old is the bound of a revocation."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MAX_AGE_MS: Final = 5_000
"""Longest time that a withdrawn right may still work, in any process."""

DEFAULT_AGE_MS: Final = 2_000
"""What is used unless configured: a call under way at the look-up ends well before ``MAX_AGE_MS``."""

_MOST: Final = 10_000


class Recent(Generic[K, V]):
    """Remembers what *look_up* said for at most *max_age_ms* of a monotonic clock; 0 remembers nothing.

    A failed look-up is never remembered and never answered from memory: when the database is away, everybody is refused
    once what is remembered is too old. Safe for threads.
    """

    def __init__(
        self, look_up: Callable[[K], V], *, max_age_ms: int, monotonic_ms: Callable[[], float], most: int = _MOST
    ) -> None:
        self._look_up = look_up
        self._max_age_ms = max_age_ms
        self._monotonic_ms = monotonic_ms
        self._most = most
        self._known: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V:
        """Return what is known of *key*, asked for again when that is too old."""
        # The clock is read before the database, so that the age of an answer is never underestimated.
        asked_at = self._monotonic_ms()
        with self._lock:
            known = self._known.get(key)
        if known is not None and asked_at - known[0] < self._max_age_ms:
            return known[1]
        value = self._look_up(key)
        with self._lock:
            self._known[key] = (asked_at, value)
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return value
