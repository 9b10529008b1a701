"""Contract and default: how often one caller may come (group ``decision_gate.rate_limiters``; contract §1.8).

Deviation X2: buckets are chosen by what the caller cannot choose. The peer's address is judged before
authentication, principal and tenant after; a rotating bogus token mints no bucket.
"""

import threading
from enum import StrEnum
from typing import Protocol

import attrs

from decision_gate.core.errors import CallerError


class Bucket(StrEnum):
    """What a limit is applied to; every kind has the same limits and its own table."""

    PEER = "peer"
    PRINCIPAL = "principal"
    TENANT = "tenant"


class RateLimitedError(CallerError):
    """The caller came too often; it may come again after ``retry_after_ms``."""

    code = "rate_limited"

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__("rate limit exceeded")
        self.retry_after_ms = retry_after_ms


class RateLimiterOverloadedError(CallerError):
    """More callers than the limiter can remember."""

    code = "rate_limiter_overloaded"

    def __init__(self) -> None:
        super().__init__("rate limiter overloaded")


class RateLimiter(Protocol):
    """Counts requests a caller. Called from many threads at once."""

    def check(self, bucket: Bucket, key: str, now_ms: float) -> None:
        """Count one request of ``key``; ``now_ms`` is monotonic.

        Raises:
            RateLimitedError: The window of this key is used up.
            RateLimiterOverloadedError: There is no room for more keys.
            StoreError: The count cannot be had; the call fails closed.
        """
        ...


@attrs.define
class _Window:
    started_ms: float
    last_seen_ms: float
    count: int = 0


class FixedWindowLimiter:
    """The reference's limiter: a window anchored at the key's first request, in memory (contract §1.8)."""

    def __init__(self, *, max_requests: int, window_ms: int, max_entries: int) -> None:
        self._max_requests = max_requests
        self._window_ms = window_ms
        self._max_entries = max_entries
        self._tables: dict[Bucket, dict[str, _Window]] = {bucket: {} for bucket in Bucket}
        self._lock = threading.Lock()

    def check(self, bucket: Bucket, key: str, now_ms: float) -> None:
        """Count one request; a refused one is not counted, but it keeps its window remembered."""
        with self._lock:
            table = self._tables[bucket]
            if len(table) > self._max_entries:
                self._forget_idle(table, now_ms)
            if len(table) > self._max_entries:
                raise RateLimiterOverloadedError
            window = table.get(key)
            if window is None:
                window = table[key] = _Window(started_ms=now_ms, last_seen_ms=now_ms)
            if now_ms - window.started_ms >= self._window_ms:
                window.started_ms = now_ms
                window.count = 0
            window.last_seen_ms = now_ms
            if window.count >= self._max_requests:
                raise RateLimitedError(int(self._window_ms - (now_ms - window.started_ms)))
            window.count += 1

    def _forget_idle(self, table: dict[str, _Window], now_ms: float) -> None:
        idle = [key for key, window in table.items() if now_ms - window.last_seen_ms > 2 * self._window_ms]
        for key in idle:
            del table[key]


class NoLimiter:
    """No limit: what an absent ``rate_limit`` table means."""

    def check(self, bucket: Bucket, key: str, now_ms: float) -> None:
        """Admit."""
        del bucket, key, now_ms
