"""The meter ``ledger`` keeps the laws of its seam and fails closed."""

from datetime import UTC, datetime

import pytest

from decision_gate.enterprise.usage import LedgerSettings, Limit, Period, open_books, open_ledger
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.hooks.verdict import QuotaStanding, Verdict
from decision_gate.mcp.testing import UsageMeterConformance
from decision_gate.mcp.testing.usage_meters import metered_call

ONE = Charge(metric=Metric.TOOL_CALLS, units=1, operation="one")


@pytest.fixture
def meter(place):
    with open_ledger(LedgerSettings(dsn=place.settings.dsn, path=place.settings.path)) as opened:
        yield opened


class TestLedgerMeter(UsageMeterConformance):
    """See the suite."""

    @pytest.fixture
    def meter(self, place):
        with open_ledger(LedgerSettings(dsn=place.settings.dsn, path=place.settings.path)) as opened:
            yield opened


@pytest.mark.parametrize("namespace_id", [None, 12])
def test_exhausted_quota_is_denied_before_the_work_and_says_how_it_stands(meter, place, namespace_id):
    """Deviation W5."""
    with open_books(place.settings) as books:
        books.set_limit(7, Metric.TOOL_CALLS, Limit(period=Period.TOTAL, units=0), namespace_id=namespace_id)

    verdict = meter.admit(metered_call(ONE), ONE)

    assert verdict == Verdict(allowed=False, reason="quota_exceeded", quota=QuotaStanding(limit=0, used=0))


def test_exhausted_quota_of_a_month_says_when_the_next_one_begins(meter, place):
    with open_books(place.settings) as books:
        books.set_limit(7, Metric.TOOL_CALLS, Limit(units=0))
        standing = books.standing(7, Metric.TOOL_CALLS, metered_call().at_ms)

    told = meter.admit(metered_call(ONE), ONE).quota

    assert told == QuotaStanding(limit=0, used=0, resets_at_ms=standing.resets_at_ms)
    begins = datetime.fromtimestamp(told.resets_at_ms / 1000, UTC)
    assert (begins.day, begins.hour, begins.minute, begins.second, begins.microsecond) == (1, 0, 0, 0, 0)


def test_call_that_nobody_pays_for_is_denied(meter):
    call = metered_call(ONE, tenant_id=None)

    assert meter.admit(call, ONE) == Verdict(allowed=False, reason="missing_tenant_id")
    with pytest.raises(UnauthorizedError) as refused:
        meter.riders(call)
    assert refused.value.code == "unauthorized"


@pytest.mark.parametrize("settings", [LedgerSettings(), LedgerSettings(path="runs.db", dsn="both")])
def test_settings_name_exactly_one_database(settings):
    with pytest.raises(Exception, match="either dsn or path") as refused, open_ledger(settings):
        pass

    assert refused.value.code == "config_invalid"
