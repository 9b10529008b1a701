"""The cheapest set of literals that makes a formula hold: exact, by branch and bound.

Most of a formula needs no search. An alternative needs only one of its members, so each is solved alone. Members of a
conjunction that share no condition are solved alone, and a literal in it is forced. What remains are conjunctions and
quorums whose members share conditions: there the search tries the values of the most used shared condition.

The bound prices each use of a literal at its weight divided by the most uses that one proof can make of it. So
discounted, no proof costs more than its literals cost together, and the cheapest proof, found bottom-up, bounds all
solutions from below. The literals of that proof are often a solution of that very cost, and then the search ends where
it began.
"""

from collections import Counter, defaultdict
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
_MAX_NESTING: Final = 40  # branches within branches; each takes up to ten frames of the interpreter's stack


class Solution(NamedTuple):
    """Literals that make a formula hold, none contradicting another, and the sum of their weights."""

    cost: int
    literals: tuple[int, ...]


class Cheapest:
    """One search.

    Args:
        weights: What each literal costs, by its number; not negative.
        budget: How many literals the search may look at, over all branches, before it settles for what it has.
    """

    def __init__(self, weights: Sequence[int], budget: int) -> None:
        self._weights = weights
        self._left = budget
        self._nesting = 0
        self.is_exhausted = False
        """Whether a limit ended some branch, so that cheaper solutions, or any, may have been missed."""

    def below(self, formula: Formula, limit: float) -> Solution | None:
        """Return the cheapest solution that costs less than ``limit``, or None."""
        if formula is HOLDS:
            return Solution(0, ()) if limit > 0 else None
        if formula is FAILS:
            return None
        if isinstance(formula, int):
            return Solution(self._weights[formula], (formula,)) if self._weights[formula] < limit else None
        if formula.needed == 1:
            return self._alternatives(formula, limit)
        if formula.needed == len(formula.members):
            return self._conjunction(formula, limit)
        if sum(len(conditions_of(member)) for member in formula.members) == len(formula.conditions):
            return self._quorum(formula, limit)
        return self._branch(formula, limit)

    def _alternatives(self, formula: Threshold, limit: float) -> Solution | None:
        best = None
        bounds = [(self._bound(member), place) for place, member in enumerate(formula.members)]
        for bound, place in sorted(bounds):
            if bound >= limit:
                break
            found = self.below(formula.members[place], limit)
            if found:
                best, limit = found, found.cost
        return best

    def _conjunction(self, formula: Threshold, limit: float) -> Solution | None:
        forced = tuple(member for member in formula.members if isinstance(member, int))
        if forced:
            others = [member for member in formula.members if not isinstance(member, int)]
            settled = {literal >> 1 for literal in forced}
            return self._with(forced, assigned(at_least(len(others), others), settled, set(forced)), limit)
        groups = _connected(formula.members)
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
        discounted, proof = _cheapest_proof(formula, self._prices(uses))
        bound = ceil(discounted - _ROUNDING)
        if bound >= limit:
            return None
        best = self._as_solution(proof, limit)
        if best:
            limit = best.cost
        self._left -= formula.size
        if limit == bound:
            return best
        if self._left < 0 or self._nesting == _MAX_NESTING:
            self.is_exhausted = True
            return best
        condition = _most_shared(formula.members, uses)
        self._nesting += 1
        for choice in self._choices(condition, uses):
            found = self._with(choice, assigned(formula, {condition}, set(choice)), limit)
            if found:
                best, limit = found, found.cost
                if limit == bound:
                    break
        self._nesting -= 1
        return best

    def _choices(self, condition: int, uses: Mapping[int, int]) -> list[tuple[int, ...]]:
        """Order the values worth trying, cheapest first; leaving a condition alone is one unless a value is free."""
        literals = [literal for literal in (2 * condition + 1, 2 * condition) if literal in uses]
        literals.sort(key=self._weights.__getitem__)
        values: list[tuple[int, ...]] = [(literal,) for literal in literals]
        return values if self._weights[literals[0]] == 0 else [*values, ()]

    def _with(self, literals: tuple[int, ...], rest: Formula, limit: float) -> Solution | None:
        cost = sum(self._weights[literal] for literal in literals)
        found = self.below(rest, limit - cost)
        return found and Solution(cost + found.cost, literals + found.literals)

    def _bound(self, formula: Formula) -> int:
        """Return a cost that no solution falls below."""
        if isinstance(formula, int):
            return self._weights[formula]
        return ceil(_cheapest_proof(formula, self._prices(_most_uses(formula)))[0] - _ROUNDING)

    def _prices(self, uses: Mapping[int, int]) -> dict[int, float]:
        return {literal: self._weights[literal] / count for literal, count in uses.items()}

    def _as_solution(self, proof: Sequence[int], limit: float) -> Solution | None:
        literals = dict.fromkeys(proof)
        cost = sum(self._weights[literal] for literal in literals)
        if cost >= limit or any(literal ^ 1 in literals for literal in literals):
            return None
        return Solution(cost, tuple(literals))


def _joined(solutions: Sequence[Solution]) -> Solution:
    return Solution(
        sum(solution.cost for solution in solutions),
        tuple(literal for solution in solutions for literal in solution.literals),
    )


def _connected(members: Sequence[Formula]) -> list[list[Formula]]:
    """Group members that share conditions, directly or through others; groups in the order of their first member."""
    parents = list(range(len(members)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    first_place: dict[int, int] = {}
    for place, member in enumerate(members):
        for condition in conditions_of(member):
            parents[root(place)] = root(first_place.setdefault(condition, place))
    groups: defaultdict[int, list[Formula]] = defaultdict(list)
    for place, member in enumerate(members):
        groups[root(place)].append(member)
    return list(groups.values())


def _most_uses(formula: Formula) -> dict[int, int]:
    """Count for every literal how often one proof of the formula may use it at most."""
    if isinstance(formula, int):
        return {formula: 1}
    counts: defaultdict[int, list[int]] = defaultdict(list)
    for member in formula.members:
        if isinstance(member, int):
            counts[member].append(1)
            continue
        for literal, count in _most_uses(member).items():
            counts[literal].append(count)
    return {
        literal: sum(each) if len(each) <= formula.needed else sum(nlargest(formula.needed, each))
        for literal, each in counts.items()
    }


def _cheapest_proof(formula: Formula, prices: Mapping[int, float]) -> tuple[float, tuple[int, ...]]:
    """Return the cheapest choice of literals, member by member, when every use of a literal is paid for."""
    if isinstance(formula, int):
        return prices[formula], (formula,)
    proofs = [_cheapest_proof(member, prices) for member in formula.members]
    chosen = nsmallest(formula.needed, proofs, key=lambda proof: proof[0])
    return sum(price for price, _ in chosen), tuple(literal for _, literals in chosen for literal in literals)


def _most_shared(members: Sequence[Formula], uses: Mapping[int, int]) -> int:
    """Choose, of the conditions that two members share, the one that a proof may use most; the first of several."""
    sharers = Counter(condition for member in members for condition in conditions_of(member))
    shared = sorted(condition for condition, count in sharers.items() if count > 1)
    return max(shared, key=lambda condition: uses.get(2 * condition, 0) + uses.get(2 * condition + 1, 0))
