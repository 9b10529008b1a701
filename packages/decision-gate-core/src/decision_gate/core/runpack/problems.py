"""A bounded list of problems: one bad field can break every record of a long run."""

from collections.abc import Iterable
from typing import Self

MAX_PROBLEMS = 100
"""How many problems beyond those of contract §8.2 a report names; the rest is counted."""


class Problems:
    """Keeps the first problems and counts the others."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._omitted = 0

    def add(self, problem: str) -> None:
        """Keep or count one problem."""
        if len(self._kept) < MAX_PROBLEMS:
            self._kept.append(problem)
        else:
            self._omitted += 1

    def extend(self, problems: Iterable[str]) -> None:
        """Keep or count several."""
        for problem in problems:
            self.add(problem)

    def absorb(self, other: Self) -> None:
        """Keep or count those of another list; what it omitted stays counted."""
        self.extend(other._kept)
        self._omitted += other._omitted

    def texts(self) -> list[str]:
        """Return what was kept, and how much was not."""
        return [*self._kept, f"{self._omitted} more problems"] if self._omitted else self._kept
