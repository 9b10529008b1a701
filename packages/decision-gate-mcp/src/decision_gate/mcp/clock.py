"""The one place where the server reads the system's clocks; everything else takes the time as an argument."""

import time
from typing import Protocol


class Clock(Protocol):
    """What the server needs to know about time."""

    def now_ms(self) -> int:
        """Return the wall-clock time in Unix milliseconds."""
        ...

    def monotonic_ms(self) -> float:
        """Return a time in milliseconds that never goes back, for durations and windows."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def now_ms(self) -> int:
        """Return the system's Unix time."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> float:
        """Return the system's monotonic time."""
        return time.monotonic_ns() / 1_000_000
