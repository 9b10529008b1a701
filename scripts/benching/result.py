"""One line of the table."""

import enum
import os
from typing import Any, ClassVar

import attrs

from benching.goal import SLACK, Faster, Goal


class Unit(enum.Enum):
    """What a figure counts; the value is how JSON lines name it."""

    NANOSECONDS = "ns"
    BYTES = "bytes"
    COUNT = "count"


@attrs.frozen(kw_only=True)
class Result:
    """A case against its peer.

    ``case`` names the family and, after a colon, the case. ``ratio`` is ours to the peer's, the median over rounds.
    Without ``goal`` the line only tells. ``n`` is the size of the case where it has one, such as a length of run.
    """

    case: str
    unit: Unit
    ours: float
    peer: str
    peers: float
    ratio: float
    rounds: int
    goal: Goal | None = None
    n: int | None = None
    load: float = attrs.field(factory=lambda: os.getloadavg()[0])

    @classmethod
    def counted(
        cls, case: str, ours: float, peer: str, peers: float, goal: Goal | None, unit: Unit = Unit.COUNT
    ) -> "Result":
        """Return the line of two figures that were counted."""
        return cls(
            case=case,
            unit=unit,
            ours=ours,
            peer=peer,
            peers=peers,
            ratio=ours / peers if peers else 0.0,
            rounds=1,
            goal=goal,
        )

    @property
    def verdict(self) -> str:
        """Return ``met`` or ``MISSED``, or a dash without a goal."""
        if self.goal is None:
            return "–"
        return "met" if self.goal.is_met(self.ours, self.peers, self.ratio) else "MISSED"

    @property
    def is_far_off(self) -> bool:
        """Whether a gated goal is missed by more than the slack."""
        goal = self.goal
        return goal is not None and goal.is_gated and not goal.is_met(self.ours, self.peers, self.ratio, slack=SLACK)

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the Markdown table."""
        if not self.peers:
            ratio = "–"
        elif isinstance(self.goal, Faster):
            ratio = f"{1 / self.ratio:.1f}× faster"
        else:
            ratio = f"{self.ratio:.2f}×"
        return (
            self.case,
            shown(self.ours, self.unit),
            f"{self.peer}: {shown(self.peers, self.unit)}" if self.peers else self.peer,
            ratio,
            self.goal.text if self.goal else "–",
            self.verdict,
        )

    def line(self) -> dict[str, Any]:
        """Return the members of the JSON line."""
        return {
            "case": self.case,
            "n": self.n,
            "unit": self.unit.value,
            "ours": round(self.ours, 3),
            "peer": self.peer,
            "peers": round(self.peers, 3),
            "ratio": round(self.ratio, 4),
            "rounds": self.rounds,
            "load1": round(self.load, 2),
            "target": self.goal.text if self.goal else None,
            "verdict": self.verdict,
        }


@attrs.frozen(kw_only=True)
class Skipped:
    """A case that could not be run here, and why."""

    word: ClassVar[str] = "skipped"
    case: str
    reason: str


@attrs.frozen(kw_only=True)
class Broken:
    """A file that raised an error: a benchmark asserts what it times."""

    word: ClassVar[str] = "BROKEN"
    case: str
    reason: str


Outcome = Result | Skipped | Broken


def shown(figure: float, unit: Unit) -> str:
    """Return a figure with the unit that suits its size."""
    if unit is Unit.NANOSECONDS:
        for size, name in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
            if figure >= size:
                return f"{figure / size:.3g} {name}"
        return f"{figure:.3g} ns"
    if unit is Unit.BYTES:
        return f"{figure / 2**20:.1f} MiB" if figure >= 2**20 else f"{figure:,.0f} B"
    return f"{figure:,.2f}".rstrip("0").rstrip(".")
