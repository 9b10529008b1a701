"""The two spellings of moments that ordering comparators read: date-times and dates (contract §5.3).

Not ISO 8601, and not what ``datetime.fromisoformat`` reads: the grammar is the reference's, byte for byte.
"""

import re

# One arbitrary byte separates date and time; a character beyond ASCII is more than one.
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[\x00-\x7f]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]+))?(?:[Zz]|([+-][0-9]{2}):([0-9]{2}))"
)
_DATE = re.compile(r"\+?0*([0-9]{1,4})-\+?0*([0-9]{1,2})-\+?0*([0-9]{1,2})")

# Moments in one usual spelling: their texts are ordered as they are. The days that not every month has are left out.
_SORTABLE_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_SORTABLE = tuple(
    re.compile(spelling)
    for spelling in (_SORTABLE_DATE + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z", _SORTABLE_DATE)
)

_SECOND = 1_000_000_000
_DAY_SECONDS = 86_400
_MONTH_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_BEFORE_MONTH = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
_FEBRUARY = 2
_COMMON_FEBRUARY = 28
_LAST_MONTH = 12
_MAX_HOUR = 23
_MAX_MINUTE = 59
_LEAP_SECOND = 60


def sortable(text: str) -> re.Pattern[str] | None:
    """Return the spelling that *text* has if it is usual: all texts it matches are ordered as the moments they are.

    Such a moment needs not be read to be compared with another, which is a fifth of the price.
    """
    return next((spelling for spelling in _SORTABLE if spelling.fullmatch(text)), None)


def instant(text: str) -> int | None:
    """Read a date-time as UTC nanoseconds since the beginning of year 0; None when it is none.

    Digits after the ninth of a fraction do not count. Second 60 is the last nanosecond of second 59, and
    only where the reference expects leap seconds: at 23:59 UTC on the last day of any month of any year.
    """
    found = _DATE_TIME.fullmatch(text)
    if not found:
        return None
    years, months, days, hours, minutes, seconds, fraction, offset_hours, offset_minutes = found.groups()
    hour, minute, second = int(hours), int(minutes), int(seconds)
    day = _day_number(int(years), int(months), int(days))
    if day is None or hour > _MAX_HOUR or minute > _MAX_MINUTE or second > _LEAP_SECOND:
        return None
    moment = day * _DAY_SECONDS + hour * 3600 + minute * 60 + second
    if offset_hours is not None:
        east_hours, east_minutes = int(offset_hours[1:]), int(offset_minutes)
        if east_hours > _MAX_HOUR or east_minutes > _MAX_MINUTE:
            return None
        east = east_hours * 3600 + east_minutes * 60
        moment += east if offset_hours[0] == "-" else -east
    if second == _LEAP_SECOND:
        # Counted on, second 60 of a month's last minute is the first second of the next month.
        return moment * _SECOND - 1 if _starts_a_month(moment, int(years), int(months)) else None
    return moment * _SECOND + (int(fraction[:9].ljust(9, "0")) if fraction else 0)


def calendar_date(text: str) -> int | None:
    """Read a date of the years 0 … 9999 as days since the beginning of year 0; None when it is none.

    Every part may have a plus sign and leading zeros: ``2024-1-2``, ``+2024-01-02``.
    """
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = map(int, found.groups())
    return _day_number(year, month, day)


def _day_number(year: int, month: int, day: int) -> int | None:
    """Count the days before a date since year 0 (proleptic Gregorian); None when there is no such day."""
    if not 1 <= month <= _LAST_MONTH or not 1 <= day <= _MONTH_DAYS[month]:
        return None
    if day > _COMMON_FEBRUARY and month == _FEBRUARY and not _is_leap(year):
        return None
    return _days_before_month(year, month) + day - 1


def _days_before_month(year: int, month: int) -> int:
    before_year = year * 365 + (year + 3) // 4 - (year + 99) // 100 + (year + 399) // 400
    return before_year + _DAYS_BEFORE_MONTH[month] + (month > _FEBRUARY and _is_leap(year))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _starts_a_month(moment: int, year: int, month: int) -> bool:
    """Tell whether a UTC second begins a month; its local year and month are a day off at most."""
    starts = (_days_before_month(year, month), _days_before_month(year, month + 1))
    return moment in (starts[0] * _DAY_SECONDS, starts[1] * _DAY_SECONDS)
