"""Writes the Python source of a requirement plan for one subject.

INVARIANT: nothing but integers and the fixed words of this module is ever written into source; condition ids
never are. The tree is at most 32 deep, which bounds the nesting of brackets; members stay flat however many
there are, because the interpreter's own compiler recurses on nested operators.
"""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from decision_gate.core.logic.requirement import And, Condition, Not, Or, RequireGroup, Requirement

MAX_SOURCE_CHARS: Final = 1 << 18
"""Longest source worth compiling; beyond it, walking the tree is the cheaper way."""

_SHIFT: Final = 60  # two digits of a big integer; masks are written relative to a multiple of it


class SourceTooLongError(Exception):
    """The tree is too large to be compiled; its plan walks it instead, and nobody else notices."""


def single_source(requirement: Requirement, bits: Mapping[str, int]) -> str:
    """Write ``plan(t, p)``, the status for a true mask and a possible mask.

    Raises:
        SourceTooLongError: source longer than the limit.
    """
    writer = _Writer(bits)
    is_true = writer.expression(requirement, "t")
    is_possible = writer.expression(requirement, "p")
    return f"def plan(t, p):\n if {is_true}: return TRUE\n if {is_possible}: return UNKNOWN\n return FALSE\n"


def literal(node: Requirement) -> tuple[str, bool] | None:
    """Return the condition of a leaf below any number of negations, and whether their number is odd."""
    negated = False
    while isinstance(node, Not):
        node, negated = node.requirement, not negated
    return (node.condition_id, negated) if isinstance(node, Condition) else None


class _Writer:
    """Writes truth as an expression over plane ``t`` (certainly true) or ``p`` (possibly true)."""

    def __init__(self, bits: Mapping[str, int]) -> None:
        self._bits = bits
        self._left = MAX_SOURCE_CHARS

    def expression(self, node: Requirement, plane: str) -> str:
        match node:
            case Condition():
                return self._any((node,), plane)
            case Not(requirement=inner):
                return f"not ({self.expression(inner, _other(plane))})"
            case And(requirements=members):
                return self._all(members, plane)
            case Or(requirements=members):
                return self._any(members, plane)
            case RequireGroup(min=minimum, requirements=members):
                return self._quorum(minimum, members, plane)
            case _:
                assert_never(node)

    def _all(self, members: Sequence[Requirement], plane: str) -> str:
        positive, negative, rest = self._split(members, distinct=False)
        tests = []
        if positive:
            masked, mask = self._masked(plane, positive)
            tests.append(f"{masked}=={mask}")
        if negative:
            tests.append(f"not {self._masked(_other(plane), negative)[0]}")
        tests += [f"({self.expression(member, plane)})" for member in rest]
        return " and ".join(tests) or "True"

    def _any(self, members: Sequence[Requirement], plane: str) -> str:
        positive, negative, rest = self._split(members, distinct=False)
        tests = []
        if positive:
            tests.append(self._masked(plane, positive)[0])
        if negative:
            masked, mask = self._masked(_other(plane), negative)
            tests.append(f"{masked}!={mask}")
        tests += [f"({self.expression(member, plane)})" for member in rest]
        return " or ".join(tests) or "False"

    def _quorum(self, minimum: int, members: Sequence[Requirement], plane: str) -> str:
        if minimum == 0:
            return "True"
        if minimum > len(members):
            return "False"
        if minimum == 1:
            return self._any(members, plane)
        if minimum == len(members):
            return self._all(members, plane)
        positive, negative, rest = self._split(members, distinct=True)
        counts = []
        if positive:
            counts.append(f"({self._masked(plane, positive)[0]}).bit_count()")
        if negative:
            counts.append(f"({self._masked('~' + _other(plane), negative)[0]}).bit_count()")
        if rest:
            counts.append(f"sum(({''.join(f'1 if {self.expression(member, plane)} else 0,' for member in rest)}))")
        return f"{'+'.join(counts)}>={minimum}"

    def _split(self, members: Sequence[Requirement], *, distinct: bool) -> tuple[int, int, list[Requirement]]:
        """Gather literals into a positive and a negated mask; ``distinct`` leaves repeats in the rest."""
        masks = [0, 0]
        rest: list[Requirement] = []
        for member in members:
            found = literal(member)
            if found is None:
                rest.append(member)
                continue
            condition_id, negated = found
            bit = 1 << self._bits[condition_id]
            if distinct and masks[negated] & bit:
                rest.append(member)
            else:
                masks[negated] |= bit
        return masks[0], masks[1], rest

    def _masked(self, plane: str, mask: int) -> tuple[str, str]:
        """Write the bits of a plane under a mask, and the mask, both shifted to keep the numbers short."""
        shift = ((mask & -mask).bit_length() - 1) // _SHIFT * _SHIFT
        text = f"{mask >> shift:#x}"
        self._left -= 2 * len(text) + len(plane) + 8
        if self._left < 0:
            raise SourceTooLongError
        return f"{plane}>>{shift}&{text}" if shift else f"{plane}&{text}", text


def _other(plane: str) -> str:
    """Negation swaps the planes: certainly not true is the opposite of possibly true."""
    return "p" if plane == "t" else "t"
