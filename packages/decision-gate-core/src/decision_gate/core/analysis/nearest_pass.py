"""What is still needed: the cheapest set of changes that makes a requirement true.

A change that settles an unknown condition costs 1, one that turns a known value round costs 2, what already
holds costs nothing, and what can no longer happen is never proposed. The answer is exact unless it says
otherwise. It speaks of conditions and truth values only; turning it into words, as far as the reader may
know, is somebody else's work.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import inf
from typing import Final

import attrs

from decision_gate.core.analysis.cheapest import Cheapest
from decision_gate.core.analysis.goal import AtLeast, Goal, Literal, goal
from decision_gate.core.analysis.threshold import FAILS, HOLDS, Formula, at_least
from decision_gate.core.logic import Requirement, TriState, condition_ids, is_too_deep

DEFAULT_BUDGET: Final = 60_000
"""Literals one search looks at: gates that people write need far fewer; an adversary's ends in half a second."""

_COST_OF_SETTLING: Final = 1
_COST_OF_TURNING: Final = 2
_VALUES: Final = (TriState.FALSE, TriState.TRUE)  # by the last bit of a literal


@attrs.frozen(kw_only=True)
class Change:
    """A condition whose status must become ``needed``."""

    condition_id: str
    current: TriState
    needed: TriState


@attrs.frozen(kw_only=True)
class NearestPass:
    """The cheapest changes, in the order in which the requirement first names their conditions."""

    changes: tuple[Change, ...]
    cost: int | None
    """What they cost together: 0 when the requirement is true already, None when no way was found."""
    proven_minimal: bool
    """True: nothing cheaper exists, and with a cost of None nothing at all. False: the search ran out of budget."""


def nearest_pass(
    requirement: Requirement,
    statuses: Mapping[str, TriState],
    impossible: Mapping[str, AbstractSet[TriState]] | None = None,
    *,
    budget: int = DEFAULT_BUDGET,
) -> NearestPass:
    """Find the cheapest changes that make the requirement true.

    Among equally cheap sets the earlier members of the tree are preferred where alternatives are independent;
    in any case the same arguments give the same answer. A tree deeper than 32 can never be true.

    Args:
        requirement: The tree.
        statuses: What is known; a condition without a status is UNKNOWN.
        impossible: For a condition, the values that it cannot come to have any more.
        budget: How many literals to look at where members share conditions. It bounds the time; when it runs out,
            the answer says so.
    """
    if is_too_deep(requirement):
        return NearestPass(changes=(), cost=None, proven_minimal=True)
    ids = condition_ids(requirement)
    numbers = {condition_id: number for number, condition_id in enumerate(ids)}
    current = [statuses.get(condition_id, TriState.UNKNOWN) for condition_id in ids]
    weights = [
        weight
        for condition_id, status in zip(ids, current, strict=True)
        for weight in _weights(status, (impossible or {}).get(condition_id, frozenset()))
    ]
    wanted = goal(requirement, TriState.TRUE)
    mentioned = {literal for literal in _literals(wanted, numbers) if weights[literal] is not None}
    search = Cheapest([weight or 0 for weight in weights], budget)
    solution = search.below(_formula(wanted, numbers, weights, mentioned), inf)
    is_proven = not search.is_exhausted
    if solution is None:
        return NearestPass(changes=(), cost=None, proven_minimal=is_proven)
    changes = tuple(
        Change(condition_id=ids[literal >> 1], current=current[literal >> 1], needed=_VALUES[literal & 1])
        for literal in sorted(solution.literals)
        if weights[literal]
    )
    return NearestPass(changes=changes, cost=solution.cost, proven_minimal=is_proven)


def _weights(status: TriState, impossible: AbstractSet[TriState]) -> tuple[int | None, int | None]:
    """Price the literals "is false" and "is true"; None for one that cannot come to hold."""

    def weight(wanted: TriState) -> int | None:
        if status is wanted:
            return 0
        if wanted in impossible:
            return None
        return _COST_OF_SETTLING if status is TriState.UNKNOWN else _COST_OF_TURNING

    return weight(TriState.FALSE), weight(TriState.TRUE)


def _number(literal: Literal, numbers: Mapping[str, int]) -> int:
    return 2 * numbers[literal.condition_id] + (literal.wanted is TriState.TRUE)


def _literals(wanted: Goal, numbers: Mapping[str, int]) -> Iterator[int]:
    if isinstance(wanted, Literal):
        yield _number(wanted, numbers)
        return
    for member in wanted.members:
        yield from _literals(member, numbers)


def _formula(
    wanted: Goal, numbers: Mapping[str, int], weights: Sequence[int | None], mentioned: AbstractSet[int]
) -> Formula:
    """Fold the goal: what is out of reach fails; what holds is settled unless its opposite is wanted too."""
    if isinstance(wanted, AtLeast):
        return at_least(wanted.needed, [_formula(member, numbers, weights, mentioned) for member in wanted.members])
    literal = _number(wanted, numbers)
    if literal not in mentioned:
        return FAILS
    return HOLDS if weights[literal] == 0 and literal ^ 1 not in mentioned else literal
