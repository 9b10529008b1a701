"""The cheapest set of literals that makes a goal hold: exact, by branch and bound.

Most of a formula needs no search. An alternative needs only one of its members, so each is solved alone.
Members of a conjunction that share no condition are solved alone, and a literal in it is forced. What remains
are conjunctions and quorums whose members share conditions: there the search tries the values of the most
shared condition.

The bound prices each use of a literal at its weight divided by the most uses that one proof can make of it.
With that discount every proof costs at most what its literals cost together, so the cheapest proof, found
bottom-up, is a bound from below; the literals of that proof are a solution, so it is often a bound from above
as well, and the search ends at once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import nlargest, nsmallest
from math import ceil
from typing import Final, NamedTuple

from decision_gate.core.analysis.threshold import (
    FAILS,
    HOLDS,
    Formula,
    Threshold,
    assigned,
    at_least,
    conditions_of,
)

_ROUNDING: Final = 1e-6  # weights are whole numbers; sums of thousands of discounted ones err by far less


class Solution(NamedTuple):
    """Literals that make a formula hold, none contradicting another, and the sum of their weights."""

    cost: int
    literals: tuple[int, ...]


class Cheapest:
    """One search; ``is_exhausted`` tells afterwards whether the answer may not be the cheapest.

    Args:
        weights: What each literal costs, by its number; not negative.
        budget: How many times the search may try values of a shared condition.
    """

    def __init__(self, weights: Sequence[int], budget: int) -> None:
        self._weights = weights
        self._left = budget

    @property
    def is_exhausted(self) -> bool:
        """Whether the budget ran out, so that cheaper solutions, or any, may have been missed."""
        return self._left < 0

    def below(self, formula: Formula, limit: float) -> Solution | None:
        """Return the cheapest solution that costs less than ``limit``, or None."""
        if formula is HOLDS:
            return Solution(0, ()) if limit > 0 else None
        if formula is FAILS:
            return None
        if isinstance(formula, int):
            return Solution(self._weights[formula], (formula,)) if self._weights[formula] < limit else None
        if formula.needed == 1:
            return self._alternatives(formula.members, limit)
        groups = _connected(formula.members)
        if formula.needed == len(formula.members):
            return self._conjunction(formula, groups, limit)
        if len(groups) == len(formula.members):
            return self._quorum(formula, limit)
        return self._branch(formula, limit)

    def _alternatives(self, members: tuple[Formula, ...], limit: float) -> Solution | None:
        best = None
        for bound, _, member in sorted((self._bound(member), place, member) for place, member in enumerate(members)):
            if bound >= limit:
                break
            found = self.below(member, limit)
            if found:
                best, limit = found, found.cost
        return best

    def _conjunction(self, formula: Threshold, groups: list[list[Formula]], limit: float) -> Solution | None:
        forced = tuple(member for member in formula.members if isinstance(member, int))
        if forced:
            others = [member for member in formula.members if not isinstance(member, int)]
            rest = at_least(len(others), others)
            for literal in forced:
                rest = assigned(rest, literal >> 1, literal)
            return self._with(forced, rest, limit)
        if len(groups) == 1:
            return self._branch(formula, limit)
        parts = [at_least(len(group), group) for group in groups]
        bounds = [self._bound(part) for part in parts]
        spare = limit - sum(bounds)
        solutions = []
        for part, bound in zip(parts, bounds, strict=True):
            found = self.below(part, bound + spare)
            if not found:
                return None
            solutions.append(found)
            spare -= found.cost - bound
        return _joined(solutions)

    def _quorum(self, formula: Threshold, limit: float) -> Solution | None:
        solutions = [found for member in formula.members if (found := self.below(member, limit))]
        if len(solutions) < formula.needed:
            return None
        found = _joined(nsmallest(formula.needed, solutions, key=lambda solution: solution.cost))
        return found if found.cost < limit else None

    def _branch(self, formula: Threshold, limit: float) -> Solution | None:
        uses = _most_uses(formula)
        prices = {literal: self._weights[literal] / count for literal, count in uses.items()}
        discounted, proof = _cheapest_proof(formula, prices)
        bound = ceil(discounted - _ROUNDING)
        if bound >= limit:
            return None
        best = self._as_solution(proof)
        if best and best.cost < limit:
            limit = best.cost
        else:
            best = None
        if best and best.cost == bound:
            return best
        self._left -= 1
        if self.is_exhausted:
            return best
        condition = _most_shared(formula.members, uses)
        for literal in self._choices(condition, uses):
            rest = assigned(formula, condition, literal)
            found = self._with(() if literal is None else (literal,), rest, limit)
            if found:
                best, limit = found, found.cost
                if limit == bound:
                    break
        return best

    def _choices(self, condition: int, uses: Mapping[int, int]) -> list[int | None]:
        """Order the values worth trying, cheapest first; leaving a condition alone is worth it unless one is free."""
        literals = [literal for literal in (2 * condition + 1, 2 * condition) if literal in uses]
        literals.sort(key=self._weights.__getitem__)
        return [*literals] if self._weights[literals[0]] == 0 else [*literals, None]

    def _with(self, literals: tuple[int, ...], rest: Formula, limit: float) -> Solution | None:
        cost = sum(self._weights[literal] for literal in literals)
        found = self.below(rest, limit - cost)
        return found and Solution(cost + found.cost, literals + found.literals)

    def _bound(self, formula: Formula) -> int:
        """Return a cost that no solution falls below."""
        if isinstance(formula, int):
            return self._weights[formula]
        prices = {literal: self._weights[literal] / count for literal, count in _most_uses(formula).items()}
        return ceil(_cheapest_proof(formula, prices)[0] - _ROUNDING)

    def _as_solution(self, proof: tuple[int, ...]) -> Solution | None:
        literals = tuple(dict.fromkeys(proof))
        if any(literal ^ 1 in literals for literal in literals):
            return None
        return Solution(sum(self._weights[literal] for literal in literals), literals)


def _joined(solutions: Sequence[Solution]) -> Solution:
    return Solution(
        sum(solution.cost for solution in solutions),
        tuple(literal for solution in solutions for literal in solution.literals),
    )


def _connected(members: Sequence[Formula]) -> list[list[Formula]]:
    """Group members that share conditions, directly or through others; groups in the order of their first member."""
    groups: list[tuple[int, list[Formula]]] = []
    for member in members:
        conditions, group = conditions_of(member), [member]
        apart = []
        for known in groups:
            if known[0] & conditions:
                conditions, group = conditions | known[0], known[1] + group
            else:
                apart.append(known)
        groups = [*apart, (conditions, group)]
    return [group for _, group in groups]


def _most_uses(formula: Formula) -> dict[int, int]:
    """Count for every literal how often one proof of the formula may use it at most."""
    if isinstance(formula, int):
        return {formula: 1}
    counts: defaultdict[int, list[int]] = defaultdict(list)
    for member in formula.members:
        for literal, count in _most_uses(member).items():
            counts[literal].append(count)
    return {literal: sum(nlargest(formula.needed, each)) for literal, each in counts.items()}


def _cheapest_proof(formula: Formula, prices: Mapping[int, float]) -> tuple[float, tuple[int, ...]]:
    """Return the cheapest choice of literals, member by member, when every use of a literal is paid for."""
    if isinstance(formula, int):
        return prices[formula], (formula,)
    proofs = [_cheapest_proof(member, prices) for member in formula.members]
    chosen = nsmallest(formula.needed, proofs, key=lambda proof: proof[0])
    return sum(price for price, _ in chosen), tuple(literal for _, literals in chosen for literal in literals)


def _most_shared(members: Sequence[Formula], uses: Mapping[int, int]) -> int:
    """Choose, of the conditions that two members share, the one that a proof may use most."""
    once = shared = 0
    for member in members:
        conditions = conditions_of(member)
        shared |= once & conditions
        once |= conditions
    candidates = [condition for condition in range(shared.bit_length()) if shared >> condition & 1]
    return max(candidates, key=lambda condition: uses.get(2 * condition, 0) + uses.get(2 * condition + 1, 0))
