"""The moments that ordering comparators read, against the standard library's calendar (contract §5.3)."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.comparators import Comparator, compare
from decision_gate.core.comparators.temporal import calendar_date, instant
from decision_gate.core.logic import TriState

OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_INSTANT = instant("1970-01-01T00:00:00Z")


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=OFFSETS))  # noqa: DTZ001 - hypothesis asks for bounds without
def test_an_instant_is_as_far_from_another_as_the_calendar_says(moment):
    since = moment - EPOCH

    assert instant(moment.isoformat()) - EPOCH_INSTANT == (since // timedelta(microseconds=1)) * 1000


@given(st.dates())
def test_a_date_is_as_far_from_another_as_the_calendar_says(day):
    assert calendar_date(day.isoformat()) - calendar_date("0001-01-01") == (day - date(1, 1, 1)).days


def test_the_days_of_year_0_precede_year_1():
    """Python's calendar has no year 0; the contract's is a leap year."""
    days = [calendar_date(text) for text in ("0-1-1", "0-2-28", "0-2-29", "0-3-1", "0-12-31", "1-1-1")]

    assert days == [0, 58, 59, 60, 365, 366]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024-01-02T00:00:00.123456789Z", "2024-01-02T00:00:00.1234567899Z"),
        ("2024-01-02T00:00:00.1Z", "2024-01-02T00:00:00.100Z"),
        ("2024-01-02T02:00:00+02:00", "2024-01-01T19:00:00-05:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999999Z"),
        ("2016-12-31T23:59:60.5Z", "2016-12-31T23:59:59.999999999Z"),
        ("2024-01-02T00:00:00-00:00", "2024-01-02T00:00:00Z"),
        ("2024-01-02\n00:00:00Z", "2024-01-02T00:00:00z"),
        ("2024-02-29T23:59:60Z", "2024-03-01T01:59:60+02:00"),
        ("2023-12-31T23:59:60Z", "2023-12-31T20:59:60-03:00"),
    ],
)
def test_two_spellings_of_one_instant_are_one(one, other):
    assert instant(one) is not None
    assert instant(one) == instant(other)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-28T23:59:60Z",
        "2023-02-29T23:59:60Z",
        "2024-02-29T23:59:60+01:00",
        "2024-01-02T00:00:61Z",
        "2024-01-02T00:60:00Z",
        "2024-00-02T00:00:00Z",
        "2024-13-02T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2024-01-02T00:00:00",
        "2024-01-02T00:00:00ZZ",
        "2024-01-02T00:00:00+1:00",
        "2024-01-02T00:00:00\u00b1:00",
        "2024-01-0\u0662T00:00:00Z",
        "2024-01-02T00:00:00Z\n",
        "+2024-01-02T00:00:00Z",
        "12024-01-02T00:00:00Z",
        "2024-01-02",
        "",
    ],
)
def test_what_is_no_date_time_is_not_guessed_at(text):
    assert instant(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-٢",
        "2024-01-02 ",
        " 2024-01-02",
        "2024--1-02",
        "2024-01-+",
        "-2024-01-02",
        "2024-01-02\n",
        "2024/01/02",
        "2024-02-30",
        "1900-02-29",
        "2024-0-1",
        "2024-1-0",
        "2024-13-1",
        "2024-01-002x",
        "++1-1-1",
        "--",
    ],
)
def test_what_is_no_date_is_not_guessed_at(text):
    assert calendar_date(text) is None


def test_leading_zeros_are_free_and_cost_no_time():
    assert calendar_date("0" * 100_000 + "2024-" + "0" * 100_000 + "1-+0002") == calendar_date("2024-01-02")
    assert calendar_date("0" * 1_000_000) is None


@given(st.text(alphabet="0123456789-+:TZz. ", max_size=26))
def test_no_text_reads_both_as_an_instant_and_as_a_date(text):
    assert instant(text) is None or calendar_date(text) is None


@pytest.mark.parametrize("year", [1900, 2000, 2023, 2024])
@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_has_the_days_that_the_calendar_gives_it_and_no_more(year, month):
    last = monthrange(year, month)[1]

    assert calendar_date(f"{year}-{month}-{last}") is not None
    assert calendar_date(f"{year}-{month}-{last + 1}") is None
    assert instant(f"{year}-{month:02}-{last}T00:00:00Z") is not None
    assert instant(f"{year}-{month:02}-{last + 1}T00:00:00Z") is None


DIGITS = st.integers(0, 99).map("{:02}".format)
YEARS = st.sampled_from(["0000", "0001", "1999", "2024", "9999"])
DATES = st.tuples(YEARS, DIGITS, DIGITS).map("-".join)
TIMES = st.tuples(DIGITS, DIGITS, DIGITS).map(":".join)
MOMENTS = st.one_of(
    DATES,
    st.dates().map(date.isoformat),
    st.tuples(DATES, st.sampled_from("Tt "), TIMES, st.sampled_from(["Z", "z", "+00:00", ".5Z", "Z\n"])).map("".join),
    st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat() + "Z"),
)


@given(MOMENTS, MOMENTS)
def test_moments_are_ordered_as_what_they_are_however_they_are_spelled(one, other):
    """The usual spellings are compared as texts; the reading of both says the same."""
    for read in (instant, calendar_date):
        if read(other) is not None:
            moment = read(one)
            expected = {
                comparator: TriState.UNKNOWN if moment is None else TriState.TRUE if holds else TriState.FALSE
                for comparator, holds in (
                    (Comparator.LESS_THAN, moment is not None and moment < read(other)),
                    (Comparator.GREATER_THAN_OR_EQUAL, moment is not None and moment >= read(other)),
                )
            }

            assert {comparator: compare(comparator, one, other) for comparator in expected} == expected
