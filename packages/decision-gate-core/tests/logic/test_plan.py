"""Compiled plans agree with the evaluation that defines them: contract §4.3, §4.4."""

import pytest
from hypothesis import example, given
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
    condition_ids,
    evaluate,
)
from decision_gate.core.testing.requirement_trees import requirements, statuses

T, F, U = TriState.TRUE, TriState.FALSE, TriState.UNKNOWN


def leaf(name):
    return Condition(condition_id=name)


def numbered(count):
    return tuple(leaf(str(number)) for number in range(count))


def outcomes(tree, subjects):
    """Statuses of all subjects by walking, one by one on masks, and all at once on planes."""
    plan = compile_plan(tree)
    walked = [evaluate(tree, subject) for subject in subjects]
    masks = [plan.masks(subject) for subject in subjects]
    planes = [
        Planes(
            true=sum((true >> bit & 1) << place for place, (true, _) in enumerate(masks)),
            possible=sum((possible >> bit & 1) << place for place, (_, possible) in enumerate(masks)),
        )
        for bit in range(len(plan.condition_ids))
    ]
    batch = plan.evaluate_batch(planes, len(subjects))
    return (
        [result.status for result in walked],
        [plan.evaluate(true, possible) for true, possible in masks],
        [T if batch.true >> place & 1 else U if batch.possible >> place & 1 else F for place in range(len(subjects))],
        {tuple(entry.condition_id for entry in result.trace) for result in walked} <= {plan.trace_ids},
    )


def assert_agreement(tree, subjects):
    walked, masked, batched, is_traced = outcomes(tree, subjects)
    assert masked == walked
    assert batched == walked
    assert is_traced


@given(requirements(), st.lists(statuses(), min_size=1, max_size=5))
@example(RequireGroup(min=2, requirements=(leaf("a"), leaf("a"), Not(requirement=leaf("a")))), [{"a": T}])
@example(RequireGroup(min=0, requirements=(leaf("a"),)), [{"a": F}])
@example(RequireGroup(min=3, requirements=(leaf("a"), leaf("b"))), [{}])
def test_plan_agrees_with_the_walk(tree, subjects):
    assert_agreement(tree, subjects)


def wrapped(wrap, depth):
    tree = leaf("a")
    for _ in range(depth):
        tree = wrap(tree)
    return tree


WRAPPERS = {
    "and": lambda inner: And(requirements=(leaf("b"), inner)),
    "or": lambda inner: Or(requirements=(inner, leaf("c"))),
    "not": lambda inner: Not(requirement=inner),
    "not or": lambda inner: Not(requirement=Or(requirements=(inner, leaf("c")))),
    "quorum": lambda inner: RequireGroup(min=2, requirements=(inner, Not(requirement=inner), leaf("b"))),
    "group": lambda inner: RequireGroup(min=2, requirements=(inner, leaf("b"), leaf("c"))),
}
SUBJECTS = [{"a": a, "b": b, "c": c} for a in TriState for b in TriState for c in TriState]


@pytest.mark.parametrize("depth", [4, 16, 31, 32, 33, 200])
@pytest.mark.parametrize("name", [name for name in WRAPPERS if name != "quorum"])
def test_plan_agrees_at_every_depth_and_is_unknown_below_the_limit(name, depth):
    """Contract §4.3: a node deeper than 32 makes the whole tree unknown and ends the trace."""
    assert_agreement(wrapped(WRAPPERS[name], depth), SUBJECTS)


def test_plan_of_branching_quorums_agrees():
    assert_agreement(wrapped(WRAPPERS["quorum"], 8), SUBJECTS)


def test_leaves_before_a_node_that_is_too_deep_are_traced_and_those_after_it_are_not():
    tree = And(requirements=(leaf("x"), wrapped(WRAPPERS["not"], 40), leaf("y")))

    plan = compile_plan(tree)

    assert plan.trace_ids == ("x",)
    assert plan.condition_ids == condition_ids(tree) == ("x", "a", "y")
    assert plan.evaluate(*plan.masks({"x": F, "a": F, "y": F})) is U
    assert plan.evaluate_batch([Planes(true=0, possible=0)] * 3, 2) == Planes(true=0b00, possible=0b11)


@pytest.mark.parametrize("first", [0, 1, 31, 32, 63, 64, 65, 127, 128, 500, 997])
def test_a_plan_asks_for_the_right_conditions_wherever_they_stand(first):
    """A small enough tree is compiled; masks far up are shifted down in its source."""
    pair = (leaf(str(first)), Not(requirement=leaf(str(first + 1))))
    tree = And(requirements=(Or(requirements=numbered(1000)), Or(requirements=pair), Not(requirement=leaf("999"))))
    others = dict.fromkeys(map(str, range(1000)), T) | {"999": F, str(first): F}
    subjects = [{**others, str(first): one, str(first + 1): two} for one in TriState for two in TriState]

    assert_agreement(tree, [*subjects, *({**each, "999": U} for each in subjects)])


MANY = 3000
PAIRS = tuple(Or(requirements=(leaf(str(number)), Not(requirement=leaf(str(number + 1))))) for number in range(MANY))


@pytest.mark.parametrize(
    "tree",
    [
        And(requirements=numbered(MANY)),
        Or(requirements=numbered(MANY)),
        Or(requirements=tuple(Not(requirement=each) for each in numbered(MANY))),
        RequireGroup(min=3, requirements=numbered(MANY)),
        RequireGroup(min=255, requirements=(*numbered(300), *numbered(300))),
        And(requirements=PAIRS),
        RequireGroup(min=3, requirements=PAIRS),
    ],
)
def test_plan_of_thousands_of_members_agrees(tree):
    ids = condition_ids(tree)
    subjects = [
        {},
        dict.fromkeys(ids, T),
        dict.fromkeys(ids, F),
        dict.fromkeys(ids, T) | {ids[-1]: U},
        dict.fromkeys(ids, F) | {ids[-1]: T, ids[0]: T, ids[1]: U},
    ]

    assert_agreement(tree, subjects)


def test_plan_too_large_to_compile_agrees():
    """Wide masks make long source; the plan then walks the tree."""
    anchors = (leaf("0"), leaf(str(MANY - 1)))
    tree = And(requirements=(*numbered(MANY), *(Or(requirements=(*anchors, each)) for each in numbered(MANY))))

    assert_agreement(tree, [{}, dict.fromkeys(condition_ids(tree), T), {"5": F}])


def test_bits_beyond_the_count_do_not_reach_the_answer():
    plan = compile_plan(Or(requirements=(leaf("a"), Not(requirement=leaf("b")))))

    answer = plan.evaluate_batch([Planes(true=0b1110, possible=0b1111), Planes(true=0b1000, possible=0b1001)], 2)

    assert answer == Planes(true=0b10, possible=0b11)


def test_condition_ids_never_reach_the_generated_source():
    """Only integers are written into source, so an id that looks like code is just a name."""
    hostile = "0) or __import__('os').system('true') or (0"
    plan = compile_plan(And(requirements=(leaf(hostile), leaf('"""'))))

    assert plan.evaluate(*plan.masks({hostile: T, '"""': T})) is T
    assert plan.evaluate(*plan.masks({hostile: T})) is U
