"""A clock that moves only when it is told to."""


class ManualClock:
    """Milliseconds that a test decides about; call it where a ``now_ms`` function is wanted."""

    def __init__(self, start_ms: int = 1_760_000_000_000) -> None:
        self._now_ms = start_ms

    def __call__(self) -> int:
        """Return the time in milliseconds."""
        return self._now_ms

    def advance(self, by_ms: int) -> None:
        """Move the clock forward."""
        self._now_ms += by_ms
