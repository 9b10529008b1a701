"""The meter ``ledger`` keeps the laws of its seam and fails closed."""

import pytest

from decision_gate.enterprise.usage import LedgerSettings, Limit, open_books, open_ledger
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.hooks.verdict import Verdict
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


def test_exhausted_quota_is_denied_before_the_work(meter, place):
    with open_books(place.settings) as books:
        books.set_limit(7, Metric.TOOL_CALLS, Limit(units=0))

    assert meter.admit(metered_call(ONE), ONE) == Verdict(allowed=False, reason="quota_exceeded")


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
