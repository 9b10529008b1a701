"""Goals in the compact form that a search works on: literals are numbers, constants are folded away.

Condition number *i* gives the literals 2i (it is false) and 2i + 1 (it is true), so ``literal ^ 1`` contradicts a
literal.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple, TypeAlias


class Threshold(NamedTuple):
    """At least ``needed`` of the members must hold; one made by ``at_least`` is no constant in disguise."""

    needed: int
    members: "tuple[Formula, ...]"
    conditions: frozenset[int]
    """The numbers of the conditions that occur below."""
    size: int
    """How many literals occur below, repeats included."""


Formula: TypeAlias = int | Threshold

HOLDS: Final = Threshold(0, (), frozenset(), 0)
FAILS: Final = Threshold(1, (), frozenset(), 0)


def conditions_of(formula: Formula) -> frozenset[int]:
    """Return the numbers of the conditions that occur in a formula."""
    return frozenset((formula >> 1,)) if isinstance(formula, int) else formula.conditions


def at_least(needed: int, members: Iterable[Formula]) -> Formula:
    """Build a threshold in its simplest form: constants folded, like nodes merged, idle repeats dropped."""
    kept: list[Formula] = []
    for member in members:
        if member is HOLDS:
            needed -= 1
        elif member is not FAILS:
            kept.append(member)
    if needed <= 0:
        return HOLDS
    if needed > len(kept):
        return FAILS
    if needed == 1:
        kept = _merged(kept, is_all=False)
    elif needed == len(kept):
        kept = _merged(kept, is_all=True)
        needed = len(kept)
        literals = {member for member in kept if isinstance(member, int)}
        if any(literal ^ 1 in literals for literal in literals):
            return FAILS
    if len(kept) == 1:
        return kept[0]
    conditions = frozenset().union(*map(conditions_of, kept))
    size = sum(1 if isinstance(member, int) else member.size for member in kept)
    return Threshold(needed, tuple(kept), conditions, size)


def assigned(formula: Formula, conditions: AbstractSet[int], holding: AbstractSet[int]) -> Formula:
    """Settle conditions: of their literals those in ``holding`` hold, all others fail."""
    if isinstance(formula, int):
        if formula >> 1 not in conditions:
            return formula
        return HOLDS if formula in holding else FAILS
    if formula.conditions.isdisjoint(conditions):
        return formula
    return at_least(formula.needed, [assigned(member, conditions, holding) for member in formula.members])


def _merged(members: list[Formula], *, is_all: bool) -> list[Formula]:
    """Lift the members of like nodes and drop repeated literals."""
    merged: list[Formula] = []
    literals: set[int] = set()
    for member in members:
        parts: tuple[Formula, ...] = (member,)
        if not isinstance(member, int) and member.needed == (len(member.members) if is_all else 1):
            parts = member.members
        for part in parts:
            if not isinstance(part, int):
                merged.append(part)
            elif part not in literals:
                literals.add(part)
                merged.append(part)
    return merged
