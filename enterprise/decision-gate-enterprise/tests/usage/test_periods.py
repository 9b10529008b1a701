"""Periods end at midnight of UTC, wherever the server stands."""

import pytest

from decision_gate.enterprise.usage import Period

LAST_MS_OF_NOVEMBER_2026 = 1_796_083_199_999


@pytest.mark.parametrize(
    ("period", "before", "after"),
    [
        (Period.DAY, "2026-11-30", "2026-12-01"),
        (Period.MONTH, "2026-11", "2026-12"),
        (Period.TOTAL, "total", "total"),
    ],
)
def test_a_millisecond_can_be_the_border_of_two_periods(period, before, after):
    assert period.name_at(LAST_MS_OF_NOVEMBER_2026) == before
    assert period.name_at(LAST_MS_OF_NOVEMBER_2026 + 1) == after


@pytest.mark.parametrize(
    ("period", "name", "end_ms"),
    [
        (Period.DAY, "2026-11-30", LAST_MS_OF_NOVEMBER_2026 + 1),
        (Period.MONTH, "2026-11", LAST_MS_OF_NOVEMBER_2026 + 1),
        (Period.MONTH, "2026-12", 1_798_761_600_000),
        (Period.DAY, "2028-02-28", 1_835_395_200_000),
        (Period.TOTAL, "total", None),
    ],
)
def test_a_period_ends_where_the_next_one_begins(period, name, end_ms):
    assert period.end_of(name) == end_ms
    assert end_ms is None or (period.name_at(end_ms - 1) == name != period.name_at(end_ms))
