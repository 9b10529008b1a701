"""Periods of a quota, by the calendar of UTC."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Period(StrEnum):
    """How long a quota lasts before it starts anew."""

    DAY = "day"
    MONTH = "month"
    TOTAL = "total"

    def name_at(self, at_ms: int) -> str:
        """Return the name of the period that holds a moment: ``2026-11-24``, ``2026-11`` or ``total``."""
        moment = datetime.fromtimestamp(at_ms / 1000, UTC)
        match self:
            case Period.DAY:
                return moment.strftime("%Y-%m-%d")
            case Period.MONTH:
                return moment.strftime("%Y-%m")
            case Period.TOTAL:
                return "total"

    def end_of(self, name: str) -> int | None:
        """Return the first millisecond behind the period of that name; none when it never ends."""
        match self:
            case Period.DAY:
                return _ms(datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1))
            case Period.MONTH:
                first = datetime.strptime(name, "%Y-%m").replace(tzinfo=UTC)
                return _ms(first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1))
            case Period.TOTAL:
                return None


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
