"""What a benchmark is held to: a ratio to its peer wherever that is possible, because absolute times move with load."""

from typing import Protocol

import attrs

SLACK = 1.3
"""How far a ratio may miss its goal before ``--gate`` fails the run."""


class Goal(Protocol):
    """What is demanded of a pair of figures."""

    @property
    def text(self) -> str:
        """Say what is demanded."""
        ...

    @property
    def is_gated(self) -> bool:
        """Tell whether ``--gate`` may fail a run by it."""
        ...

    def is_met(self, ours: float, peers: float, ratio: float, slack: float = 1.0) -> bool:
        """Judge; *ratio* is ours to the peer's, of the same rounds."""
        ...


@attrs.frozen
class AtMost:
    """Ours costs at most ``times`` what the peer costs."""

    times: float
    is_gated = True

    @property
    def text(self) -> str:
        """Say what is demanded."""
        return f"≤ {self.times:g}×"

    def is_met(self, ours: float, peers: float, ratio: float, slack: float = 1.0) -> bool:
        """Judge by the ratio."""
        del ours, peers
        return ratio <= self.times * slack


@attrs.frozen
class Faster:
    """Ours is at least ``times`` as fast as the peer."""

    times: float
    is_gated = True

    @property
    def text(self) -> str:
        """Say what is demanded."""
        return f"≥ {self.times:g}× faster"

    def is_met(self, ours: float, peers: float, ratio: float, slack: float = 1.0) -> bool:
        """Judge by the ratio."""
        del ours, peers
        return ratio * self.times <= slack


@attrs.frozen
class Within:
    """Ours and the peer's are counted and differ by at most ``difference``; 0 means equal."""

    difference: float
    label: str | None = None
    is_gated = True

    @property
    def text(self) -> str:
        """Say what is demanded."""
        return f"within {self.label or format(self.difference, 'g')}" if self.difference else "equal"

    def is_met(self, ours: float, peers: float, ratio: float, slack: float = 1.0) -> bool:
        """Judge by the difference; what is counted needs no slack."""
        del ratio, slack
        return abs(ours - peers) <= self.difference


@attrs.frozen
class Below:
    """Ours is at most ``limit``, in the unit of the result. An absolute figure tells, and never fails a run."""

    limit: float
    label: str
    is_gated = False

    @property
    def text(self) -> str:
        """Say what is demanded."""
        return f"≤ {self.label}"

    def is_met(self, ours: float, peers: float, ratio: float, slack: float = 1.0) -> bool:
        """Judge the figure itself."""
        del peers, ratio
        return ours <= self.limit * slack
