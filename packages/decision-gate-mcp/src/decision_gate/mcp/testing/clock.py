"""A server clock that moves only when it is told to."""


class ManualServerClock:
    """Wall and monotonic time that a test decides about."""

    def __init__(self, now_ms: int = 1_760_000_000_000) -> None:
        self._now_ms = now_ms
        self._passed_ms = 0

    def now_ms(self) -> int:
        """Return the wall-clock time."""
        return self._now_ms + self._passed_ms

    def monotonic_ms(self) -> float:
        """Return the monotonic time."""
        return float(self._passed_ms)

    def advance(self, by_ms: int) -> None:
        """Move both clocks forward."""
        self._passed_ms += by_ms
