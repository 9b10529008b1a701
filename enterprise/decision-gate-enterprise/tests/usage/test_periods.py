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
