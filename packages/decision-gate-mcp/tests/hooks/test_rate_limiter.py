"""The fixed window of the reference, with buckets that a caller cannot choose (contract §1.8, deviation X2)."""

import pytest

from decision_gate.mcp.hooks.rate_limiter import (
    Bucket,
    FixedWindowLimiter,
    NoLimiter,
    RateLimitedError,
    RateLimiterOverloadedError,
)
from decision_gate.mcp.testing import RateLimiterConformance


def limiter(max_requests=3, window_ms=1000, max_entries=100):
    return FixedWindowLimiter(max_requests=max_requests, window_ms=window_ms, max_entries=max_entries)


class TestFixedWindowLimiter(RateLimiterConformance):
    """See the suite."""

    @pytest.fixture
    def limiter(self):
        return limiter()


def retry_after(found, now_ms):
    with pytest.raises(RateLimitedError) as refused:
        found.check(Bucket.PEER, "a", now_ms)
    return refused.value.retry_after_ms


def test_the_window_is_anchored_at_the_first_request_and_the_wait_is_what_is_left_of_it():
    found = limiter(max_requests=1)
    found.check(Bucket.PEER, "a", 250.0)

    assert retry_after(found, 250.0) == 1000
    assert retry_after(found, 750.5) == 499
    assert retry_after(found, 1249.0) == 1
    found.check(Bucket.PEER, "a", 1250.0)


def test_one_key_more_than_the_limit_is_remembered_and_then_known_keys_are_refused_too():
    found = limiter(max_entries=2)
    for key in "abc":
        found.check(Bucket.PEER, key, 0)

    for key in "abcd":
        with pytest.raises(RateLimiterOverloadedError):
            found.check(Bucket.PEER, key, 2000)


def test_keys_not_seen_for_two_windows_make_room_when_there_is_none():
    found = limiter(max_entries=2)
    for key in "abc":
        found.check(Bucket.PEER, key, 0)

    found.check(Bucket.PEER, "d", 2001)


def test_an_overload_of_one_bucket_does_not_touch_another():
    found = limiter(max_entries=1)
    for key in "ab":
        found.check(Bucket.PEER, key, 0)

    found.check(Bucket.TENANT, "7", 0)


def test_without_a_limit_everything_is_admitted():
    for _ in range(10):
        NoLimiter().check(Bucket.PEER, "a", 0)
