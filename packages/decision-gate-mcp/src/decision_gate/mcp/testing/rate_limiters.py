"""The conformance suite of ``RateLimiter``."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimitedError, RateLimiter

_THREADS = 8

MAX_REQUESTS = 3
WINDOW_MS = 1_000


class RateLimiterConformance:
    """What every ``RateLimiter`` must do; a plug-in overrides ``limiter`` with 3 requests in 1000 ms.

    A limiter may refill earlier than a fixed window does; it never admits more than the limit in one window, and it has
    forgotten everything after two.
    """

    @pytest.fixture
    def limiter(self) -> RateLimiter:
        """Return a fresh limiter; a plug-in overrides this."""
        raise NotImplementedError

    def test_the_limit_is_admitted_and_the_next_one_is_told_when_to_come_again(self, limiter: RateLimiter) -> None:
        assert _admitted(limiter, Bucket.PEER, "a", 0, MAX_REQUESTS) == MAX_REQUESTS

        with pytest.raises(RateLimitedError) as refused:
            limiter.check(Bucket.PEER, "a", 0)

        assert 0 < refused.value.retry_after_ms <= WINDOW_MS

    def test_another_key_and_another_bucket_have_limits_of_their_own(self, limiter: RateLimiter) -> None:
        _admitted(limiter, Bucket.PEER, "a", 0, MAX_REQUESTS)

        assert _admitted(limiter, Bucket.PEER, "b", 0, MAX_REQUESTS) == MAX_REQUESTS
        assert _admitted(limiter, Bucket.PRINCIPAL, "a", 0, MAX_REQUESTS) == MAX_REQUESTS

    def test_a_refused_request_does_not_put_the_next_one_off(self, limiter: RateLimiter) -> None:
        _admitted(limiter, Bucket.PEER, "a", 0, MAX_REQUESTS + 50)

        assert _admitted(limiter, Bucket.PEER, "a", 2 * WINDOW_MS, MAX_REQUESTS) == MAX_REQUESTS

    def test_of_many_at_once_no_more_than_the_limit_are_admitted(self, limiter: RateLimiter) -> None:
        with ThreadPoolExecutor(_THREADS) as pool:
            counts = pool.map(lambda _: _admitted(limiter, Bucket.PEER, "a", 0, 4), range(_THREADS))

        assert sum(counts) == MAX_REQUESTS


def _admitted(limiter: RateLimiter, bucket: Bucket, key: str, now_ms: float, tries: int) -> int:
    admitted = 0
    for _ in range(tries):
        try:
            limiter.check(bucket, key, now_ms)
        except RateLimitedError:
            continue
        admitted += 1
    return admitted
