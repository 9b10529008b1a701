"""Periods of a quota, by the calendar of UTC."""

from datetime import UTC, datetime
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
