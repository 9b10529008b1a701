"""Times of reports as RFC 3339."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_MILLIS = 253_402_300_799_999  # the last of year 9999


def from_epoch_millis(millis: int | None) -> str | None:
    """Write milliseconds since 1970 in UTC; None for None and for what lies beyond year 9999."""
    if millis is None or millis > _MAX_MILLIS:
        return None
    moment = _EPOCH + timedelta(milliseconds=millis)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
