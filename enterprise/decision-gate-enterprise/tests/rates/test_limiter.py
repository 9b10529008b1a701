"""The limiter ``gcra``, in one process and shared: per principal and per tenant, each with its own rate."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from decision_gate.enterprise.rates import GcraSettings, MemoryGcra, Rate, SharedGcra, open_gcra
from decision_gate.enterprise.stores.postgres import open_session
from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimitedError, RateLimiterOverloadedError
from decision_gate.mcp.testing import RateLimiterConformance

EVEN = Rate(interval_us=333_000, burst=3)


class TestMemoryGcra(RateLimiterConformance):
    """See the suite."""

    @pytest.fixture
    def limiter(self):
        return MemoryGcra(dict.fromkeys(Bucket, EVEN), max_entries=10)


def admitted(limiter, bucket, key, tries):
    """Return how many of some requests at one time are admitted."""
    count = 0
    for _ in range(tries):
        try:
            limiter.check(bucket, key, 0)
        except RateLimitedError:
            continue
        count += 1
    return count


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def limiter(request):
    """A limiter of each kind: 4 of a principal at once, 6 of a tenant, then one a minute."""
    dsn = request.getfixturevalue("settings").dsn if request.param == "postgres" else None
    settings = GcraSettings(per_minute=1, burst=4, tenant_per_minute=1, tenant_burst=6, dsn=dsn, max_connections=8)
    with open_gcra(settings) as opened:
        yield opened


def test_principals_of_one_tenant_share_its_rate_and_have_their_own(limiter):
    assert admitted(limiter, Bucket.PRINCIPAL, "one", 10) == 4
    assert admitted(limiter, Bucket.PRINCIPAL, "two", 10) == 4
    assert admitted(limiter, Bucket.TENANT, "7", 10) == 6
    assert admitted(limiter, Bucket.TENANT, "8", 10) == 6


def test_of_many_at_once_exactly_the_burst_is_admitted(limiter):
    with ThreadPoolExecutor(16) as pool:
        counts = pool.map(lambda _: admitted(limiter, Bucket.TENANT, "7", 10), range(16))

    assert sum(counts) == 6


def test_a_refused_caller_is_told_when_to_come_again(limiter):
    admitted(limiter, Bucket.PRINCIPAL, "one", 4)

    with pytest.raises(RateLimitedError) as refused:
        limiter.check(Bucket.PRINCIPAL, "one", 0)

    assert refused.value.code == "rate_limited"
    assert 30_000 < refused.value.retry_after_ms <= 60_000


def test_a_bucket_without_a_rate_is_not_limited(limiter):
    assert admitted(limiter, Bucket.PEER, "192.0.2.1", 200) == 200


def test_callers_that_are_idle_make_room_and_busy_ones_do_not():
    limiter = MemoryGcra({Bucket.PEER: EVEN}, max_entries=2)
    limiter.check(Bucket.PEER, "a", 0)
    limiter.check(Bucket.PEER, "b", 0)

    with pytest.raises(RateLimiterOverloadedError):
        limiter.check(Bucket.PEER, "c", 100)
    limiter.check(Bucket.PEER, "c", 400)
    limiter.check(Bucket.PEER, "d", 400)


@pytest.mark.services
def test_servers_share_the_rates_and_forget_who_is_idle(settings):
    shared = GcraSettings(per_minute=1, burst=4, dsn=settings.dsn)
    with open_gcra(shared) as first, open_gcra(shared) as second:
        assert admitted(first, Bucket.PRINCIPAL, "one", 3) == 3
        assert admitted(second, Bucket.PRINCIPAL, "one", 3) == 1
        with psycopg.connect(settings.conninfo()) as connection:
            forget = "SELECT decision_gate.forget_rates()"
            assert connection.execute(forget).fetchone() == (0,)
            connection.execute("UPDATE decision_gate.rates SET arrival = 0")
            assert connection.execute(forget).fetchone() == (1,)
        assert admitted(second, Bucket.PRINCIPAL, "one", 6) == 4


@pytest.mark.services
def test_without_the_database_each_server_keeps_to_the_rate_by_itself(settings):
    local = MemoryGcra({Bucket.PRINCIPAL: EVEN}, max_entries=10)
    with open_session(settings) as session:
        limiter = SharedGcra(session, {Bucket.PRINCIPAL: EVEN}, local)

    assert admitted(limiter, Bucket.PRINCIPAL, "one", 10) == 3


@pytest.mark.parametrize("wrong", [{"per_minute": 0}, {"per_minute": 60_001}, {"per_minute": 1, "burst": 0}])
def test_numbers_out_of_bounds_are_refused(wrong):
    with pytest.raises(Exception, match="must be between") as refused, open_gcra(GcraSettings(**wrong)):
        pass

    assert refused.value.code == "config_invalid"
