"""A goal holds exactly when the requirement has the wanted value."""

import pytest
from hypothesis import given

from decision_gate.core.analysis.goal import AtLeast, Literal, goal
from decision_gate.core.logic import And, Condition, Not, Or, RequireGroup, TriState, evaluate
from decision_gate.core.testing.requirement_trees import requirements, statuses

T, F = TriState.TRUE, TriState.FALSE
A, B, C = (Condition(condition_id=name) for name in "abc")


def holds(formula, known):
    match formula:
        case Literal(condition_id=condition_id, wanted=wanted):
            return known.get(condition_id) is wanted
        case AtLeast(needed=needed, members=members):
            return sum(holds(member, known) for member in members) >= needed


@given(requirements(), statuses())
def test_goal_holds_exactly_when_the_requirement_has_the_wanted_value(requirement, known):
    status = evaluate(requirement, known).status

    assert {wanted: holds(goal(requirement, wanted), known) for wanted in (T, F)} == {T: status is T, F: status is F}


def literals(wanted):
    return tuple(Literal(condition_id=name, wanted=wanted) for name in "abc")


@pytest.mark.parametrize(
    ("requirement", "needed_to_hold", "needed_to_fail"),
    [
        (And(requirements=(A, B, C)), 3, 1),
        (Or(requirements=(A, B, C)), 1, 3),
        (RequireGroup(min=2, requirements=(A, B, C)), 2, 2),
        (RequireGroup(min=0, requirements=(A, B, C)), 0, 4),
        (RequireGroup(min=4, requirements=(A, B, C)), 4, 0),
    ],
)
def test_every_node_is_a_count_of_its_members(requirement, needed_to_hold, needed_to_fail):
    assert goal(requirement, T) == AtLeast(needed=needed_to_hold, members=literals(T))
    assert goal(requirement, F) == AtLeast(needed=needed_to_fail, members=literals(F))
    assert goal(Not(requirement=requirement), T) == goal(requirement, F)
