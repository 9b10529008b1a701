"""Two-valued evaluation that reads no more conditions than it must (contract §4.4).

For many subjects at once use ``Plan.evaluate_batch`` with equal planes: its true plane is the two-valued answer.
"""

from collections.abc import Callable
from typing import assert_never

from decision_gate.core.limits import MAX_REQUIREMENT_DEPTH
from decision_gate.core.logic.requirement import And, Condition, Not, Or, RequireGroup, Requirement


class _TooDeepError(Exception):
    """Leaves the whole evaluation; never seen outside this module."""


def is_satisfied(requirement: Requirement, holds: Callable[[str], bool]) -> bool:
    """Tell whether the requirement is true of a subject about which everything can be asked.

    Conditions are asked in tree order, and only until the answer is certain. When that leads to a node deeper than 32,
    the answer is False, even under Not.

    Args:
        requirement: The tree; of any depth.
        holds: Answers for one condition id; whatever it raises is passed on.
    """
    try:
        return _visit(requirement, 0, holds)
    except _TooDeepError:
        return False


def _visit(node: Requirement, depth: int, holds: Callable[[str], bool]) -> bool:
    if depth > MAX_REQUIREMENT_DEPTH:
        raise _TooDeepError
    match node:
        case Condition(condition_id=condition_id):
            return holds(condition_id)
        case Not(requirement=inner):
            return not _visit(inner, depth + 1, holds)
        case And(requirements=members):
            return all(_visit(member, depth + 1, holds) for member in members)
        case Or(requirements=members):
            return any(_visit(member, depth + 1, holds) for member in members)
        case RequireGroup(min=minimum, requirements=members):
            missing = minimum
            for left, member in zip(range(len(members), 0, -1), members, strict=True):
                if missing > left:
                    return False
                if _visit(member, depth + 1, holds):
                    missing -= 1
                    if missing <= 0:
                        return True
            return missing <= 0
        case _:
            assert_never(node)
