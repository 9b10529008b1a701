"""When a requirement is true, or false, as a monotone formula over what its conditions must be.

Negations pushed to the leaves leave two kinds of node: "this condition is true (false)" and "at least so many
of these hold". In Kleene logic the requirement has the wanted value exactly when the formula holds, a literal
about an unknown condition counting as not holding. Learning more therefore never undoes a goal that is
reached.
"""

from typing import TypeAlias, assert_never

import attrs

from decision_gate.core.logic import And, Condition, Not, Or, RequireGroup, Requirement, TriState


@attrs.frozen(kw_only=True)
class Literal:
    """Holds when the condition has the wanted value, TRUE or FALSE."""

    condition_id: str
    wanted: TriState


@attrs.frozen(kw_only=True)
class AtLeast:
    """Holds when ``needed`` members hold: always when 0 or less, never when more than there are members."""

    needed: int
    members: "tuple[Goal, ...]"


Goal: TypeAlias = Literal | AtLeast


def goal(requirement: Requirement, wanted: TriState) -> Goal:
    """Return the formula for "the requirement is ``wanted``", TRUE or FALSE; members keep their order.

    The tree must not be deeper than evaluation goes (32): a deeper one is UNKNOWN and has no goal.
    """
    match requirement:
        case Condition(condition_id=condition_id):
            return Literal(condition_id=condition_id, wanted=wanted)
        case Not(requirement=inner):
            return goal(inner, wanted.negated())
        case And(requirements=members):
            needed = len(members)
        case Or(requirements=members):
            needed = 1
        case RequireGroup(min=needed, requirements=members):
            pass
        case _:
            assert_never(requirement)
    if wanted is TriState.FALSE:
        # So many must fail that those left cannot reach the number that would make it true.
        needed = len(members) - needed + 1
    return AtLeast(needed=needed, members=tuple(goal(member, wanted) for member in members))
