"""Writes the Python source of a requirement plan for many subjects at once.

Straight-line code over two planes per node: ``a`` where it is certainly true, ``b`` where it is possibly
true. A node at depth *d* leaves its planes in ``a<d>`` and ``b<d>`` and folds its members in one after
another, so no more planes live than the tree is deep, except for the members of a quorum. The invariant of
``plan_source`` holds here too.
"""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from decision_gate.core.logic.plan_source import literal
from decision_gate.core.logic.requirement import And, Condition, Not, Or, RequireGroup, Requirement

_CHAIN: Final = 64  # operands of one expression: the interpreter's compiler recurses once per operator


def batch_source(requirement: Requirement, bits: Mapping[str, int]) -> str:
    """Write ``plan(T, P, F)``: both planes, from those of the conditions in order and the full plane."""
    writer = _Writer(bits)
    writer.node(requirement, 0)
    return "\n ".join(("def plan(T, P, F):", *writer.lines, "return a0 & F, b0 & F\n"))


class _Writer:
    def __init__(self, bits: Mapping[str, int]) -> None:
        self._bits = bits
        self.lines: list[str] = []

    def node(self, node: Requirement, depth: int) -> None:
        match node:
            case Condition():
                self._fold((node,), depth, "|")
            case Not(requirement=inner):
                self.node(inner, depth + 1)
                self.lines.append(f"a{depth},b{depth}=F^b{depth + 1},F^a{depth + 1}")
            case And(requirements=members):
                self._fold(members, depth, "&")
            case Or(requirements=members):
                self._fold(members, depth, "|")
            case RequireGroup(min=minimum, requirements=members):
                self._quorum(minimum, members, depth)
            case _:
                assert_never(node)

    def _fold(self, members: Sequence[Requirement], depth: int, operator: str) -> None:
        true, possible, rest = self._operands(members)
        if not true:
            identity = "F" if operator == "&" else "0"
            self.lines.append(f"a{depth}=b{depth}={identity}")
        for start in range(0, len(true), _CHAIN):
            assign = f"{operator}=" if start else "="
            self.lines.append(f"a{depth}{assign}{operator.join(true[start : start + _CHAIN])}")
            self.lines.append(f"b{depth}{assign}{operator.join(possible[start : start + _CHAIN])}")
        for member in rest:
            self.node(member, depth + 1)
            self.lines.append(f"a{depth}{operator}=a{depth + 1}")
            self.lines.append(f"b{depth}{operator}=b{depth + 1}")

    def _quorum(self, minimum: int, members: Sequence[Requirement], depth: int) -> None:
        if minimum == 0:
            self.lines.append(f"a{depth}=b{depth}=F")
        elif minimum > len(members):
            self.lines.append(f"a{depth}=b{depth}=0")
        elif minimum == 1:
            self._fold(members, depth, "|")
        elif minimum == len(members):
            self._fold(members, depth, "&")
        else:
            true, possible, rest = self._operands(members)
            self.lines.append(f"u{depth}=[{','.join(true)}]")
            self.lines.append(f"v{depth}=[{','.join(possible)}]")
            for member in rest:
                self.node(member, depth + 1)
                self.lines.append(f"u{depth}.append(a{depth + 1})")
                self.lines.append(f"v{depth}.append(b{depth + 1})")
            self.lines.append(f"a{depth}=at_least(u{depth},{minimum},F)")
            self.lines.append(f"b{depth}=at_least(v{depth},{minimum},F)")

    def _operands(self, members: Sequence[Requirement]) -> tuple[list[str], list[str], list[Requirement]]:
        """Write the planes of literals in place; return the members that need code of their own."""
        true: list[str] = []
        possible: list[str] = []
        rest: list[Requirement] = []
        for member in members:
            found = literal(member)
            if found is None:
                rest.append(member)
                continue
            condition_id, negated = found
            bit = self._bits[condition_id]
            true.append(f"(F^P[{bit}])" if negated else f"T[{bit}]")
            possible.append(f"(F^T[{bit}])" if negated else f"P[{bit}]")
        return true, possible, rest
