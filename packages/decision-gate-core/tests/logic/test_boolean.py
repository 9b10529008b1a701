"""Two-valued evaluation: contract §4.4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.logic import (
    And,
    Condition,
    Not,
    Or,
    Planes,
    RequireGroup,
    TriState,
    compile_plan,
    evaluate,
    is_satisfied,
    parse_requirement,
)
from decision_gate.core.testing.requirement_trees import CONDITION_IDS, requirements


def parsed(text):
    return parse_requirement(text, lambda name: name)


def asked(requirement, true):
    """The answer and the conditions that were asked for it, in order."""
    questions = []

    def holds(condition_id):
        questions.append(condition_id)
        return condition_id in true

    return is_satisfied(requirement, holds), "".join(questions)


@given(requirements(), st.sets(st.sampled_from(CONDITION_IDS)))
def test_answer_is_that_of_three_values_when_everything_is_known(requirement, true):
    known = {name: TriState.TRUE if name in true else TriState.FALSE for name in CONDITION_IDS}
    plan = compile_plan(requirement)
    planes = [Planes(true=name in true, possible=name in true) for name in plan.condition_ids]

    answer = is_satisfied(requirement, true.__contains__)

    assert answer == (evaluate(requirement, known).status is TriState.TRUE)
    assert answer == bool(plan.evaluate_batch(planes, 1).true)


@pytest.mark.parametrize(
    ("text", "true", "answer", "questions"),
    [
        ("a and b and c", "a", False, "ab"),
        ("a or b or c", "b", True, "ab"),
        ("at_least(2, a, b, c, d)", "ab", True, "ab"),
        ("at_least(3, a, b, c, d)", "c", False, "ab"),
        ("at_least(1, a, b)", "", False, "ab"),
        ("not a", "", True, "a"),
    ],
)
def test_nothing_is_asked_once_the_answer_is_certain(text, true, answer, questions):
    assert asked(parsed(text), true) == (answer, questions)


def test_group_without_need_or_without_a_chance():
    members = (Condition(condition_id="a"),)

    assert asked(RequireGroup(min=0, requirements=members), "") == (True, "a")
    assert asked(RequireGroup(min=2, requirements=members), "a") == (False, "")
    assert asked(RequireGroup(min=1, requirements=()), "") == (False, "")


@pytest.mark.parametrize("negations", [33, 34, 10_000])
def test_node_that_is_too_deep_makes_it_false_unless_it_need_not_be_visited(negations):
    deep = Condition(condition_id="a")
    for _ in range(negations):
        deep = Not(requirement=deep)

    assert asked(deep, "") == (False, "")
    assert asked(Not(requirement=deep), "a") == (False, "")
    assert asked(Or(requirements=(Condition(condition_id="b"), deep)), "b") == (True, "b")
    assert asked(And(requirements=(Condition(condition_id="b"), deep)), "b") == (False, "b")


@pytest.mark.parametrize(
    "wrap",
    [
        lambda tree: And(requirements=(tree,)),
        lambda tree: Or(requirements=(tree,)),
        lambda tree: RequireGroup(min=1, requirements=(tree,)),
        lambda tree: Not(requirement=Not(requirement=tree)),
    ],
    ids=["And", "Or", "RequireGroup", "Not Not"],
)
def test_a_tree_may_be_32_levels_deep_whatever_it_is_made_of(wrap):
    def deep(levels):
        tree = Condition(condition_id="a")
        for _ in range(levels // (2 if isinstance(wrap(tree), Not) else 1)):
            tree = wrap(tree)
        return tree

    assert asked(deep(32), "a") == (True, "a")
    assert asked(deep(34), "a") == (False, "")
