"""How long it takes to say what is still needed, over gates of 13 to 85 leaves that share conditions.

There is no peer that answers this; the unit is the absolute time, which tells and never fails a run.
"""

import statistics
import time
from collections.abc import Iterator
from random import Random

from benching import Below, Outcome, Result, Unit
from decision_gate.core.analysis import nearest_pass
from decision_gate.core.logic import And, Condition, Not, Or, RequireGroup, Requirement, TriState

GATES = 300
LEAVES = (13, 85)
SHARED = 0.2
"""Share of the leaves that name a condition that is already in the tree."""


def bench_nearest_pass() -> Iterator[Outcome]:
    random = Random(20_260_105)  # noqa: S311 - the same gates in every run
    taken = []
    for _ in range(GATES):
        requirement, names = a_gate(random, random.randint(*LEAVES))
        statuses = {name: random.choice(list(TriState)) for name in names}
        started = time.thread_time_ns()
        found = nearest_pass(requirement, statuses)
        taken.append(time.thread_time_ns() - started)
        assert found.proven_minimal
    taken.sort()
    case = f"nearest pass, {LEAVES[0]} to {LEAVES[1]} leaves"
    for name, figure, goal in (
        ("median", statistics.median(taken), Below(1_000_000, "1 ms")),
        ("p99", taken[int(GATES * 0.99)], Below(20_000_000, "20 ms")),
    ):
        yield Result(
            case=f"{case}: {name}",
            unit=Unit.NANOSECONDS,
            ours=figure,
            peer="none",
            peers=0,
            ratio=0,
            rounds=GATES,
            goal=goal,
        )


def a_gate(random: Random, leaves: int) -> tuple[Requirement, list[str]]:
    """Return a gate as people write them, two or three levels deep, and the names of its conditions."""
    names: list[str] = []

    def leaf() -> Requirement:
        if names and random.random() < SHARED:
            found: Requirement = Condition(condition_id=random.choice(names))
        else:
            names.append(f"c{len(names)}")
            found = Condition(condition_id=names[-1])
        return Not(requirement=found) if random.random() < 0.15 else found

    def tree(size: int, depth: int) -> Requirement:
        if size == 1:
            return leaf()
        if depth == 0:
            members = tuple(leaf() for _ in range(size))
        else:
            parts = min(size, random.randint(2, 6))
            sizes = [size // parts + (number < size % parts) for number in range(parts)]
            members = tuple(tree(each, depth - 1) for each in sizes)
        match random.randrange(3):
            case 0:
                return And(requirements=members)
            case 1:
                return Or(requirements=members)
            case _:
                return RequireGroup(min=random.randint(1, len(members)), requirements=members)

    return tree(leaves, random.randint(1, 2)), names
