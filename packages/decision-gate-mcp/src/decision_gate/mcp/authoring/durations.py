"""Durations as people write them: ``90s``, ``15m``, ``1h30m``, ``7d``."""

import re
from typing import Final

from decision_gate.core.limits import MAX_U64

ALLOWED: Final = "a duration such as 90s, 15m, 48h, 7d, 1h30m, or milliseconds"

_UNITS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_PART: Final = re.compile(r"([0-9]{1,20})(ms|[smhdw])", re.ASCII)
_WHOLE: Final = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)


def milliseconds(written: object) -> int | None:
    """Return a duration in milliseconds, none when *written* is no duration; a number is milliseconds already."""
    if isinstance(written, int) and not isinstance(written, bool):
        return written if 0 <= written <= MAX_U64 else None
    if not isinstance(written, str) or not _WHOLE.fullmatch(written):
        return None
    total = sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(written))
    return total if total <= MAX_U64 else None


def spelled(total_ms: int) -> str | int:
    """Spell milliseconds with the largest unit that divides them; below a second they stay a number."""
    for unit in ("d", "h", "m", "s"):
        if total_ms and total_ms % _UNITS[unit] == 0:
            return f"{total_ms // _UNITS[unit]}{unit}"
    return total_ms
