"""The structural validator: contract §4.2."""

import pytest

from decision_gate.core.logic import (
    And,
    Condition,
    Not,
    Or,
    RequireGroup,
    RequirementStructureError,
    validate_requirement,
)


def leaf(name):
    return Condition(condition_id=name)


def negations(count, inner):
    for _ in range(count):
        inner = Not(requirement=inner)
    return inner


A = leaf("a")
EMPTY_QUORUM = RequireGroup(min=0, requirements=(A,))


@pytest.mark.parametrize(
    ("tree", "options", "message"),
    [
        (negations(33, A), {}, "Requirement tree too deep: 33 levels (max 32)"),
        (negations(50, A), {}, "Requirement tree too deep: 33 levels (max 32)"),
        (negations(3, A), {"max_depth": 2}, "Requirement tree too deep: 3 levels (max 2)"),
        (RequireGroup(min=3, requirements=(A, A)), {}, "Invalid group requirement: min 3 exceeds total 2"),
        (
            EMPTY_QUORUM,
            {},
            "Invalid requirement structure: RequireGroup with min=0 should be empty or use And instead",
        ),
        (
            Or(requirements=(A, And(requirements=()))),
            {"allow_empty_logical": False},
            "Invalid requirement structure: Empty And requirement not allowed",
        ),
        (
            And(requirements=(Or(requirements=()),)),
            {"allow_empty_logical": False},
            "Invalid requirement structure: Empty Or requirement not allowed",
        ),
        # Depth is judged before structure, structure parents first.
        (
            And(requirements=(EMPTY_QUORUM, negations(40, A))),
            {},
            "Requirement tree too deep: 33 levels (max 32)",
        ),
        (
            RequireGroup(min=2, requirements=(EMPTY_QUORUM,)),
            {},
            "Invalid group requirement: min 2 exceeds total 1",
        ),
    ],
)
def test_broken_rule_is_named(tree, options, message):
    with pytest.raises(RequirementStructureError) as caught:
        validate_requirement(tree, **options)

    assert (caught.value.code, str(caught.value)) == ("requirement_structure", message)


@pytest.mark.parametrize(
    "tree",
    [
        negations(32, A),
        And(requirements=()),
        Or(requirements=()),
        RequireGroup(min=0, requirements=()),
        RequireGroup(min=2, requirements=(A, A)),
    ],
)
def test_sound_tree_passes(tree):
    validate_requirement(tree)


def test_tree_of_any_depth_cannot_exhaust_the_stack():
    with pytest.raises(RequirementStructureError):
        validate_requirement(negations(100_000, A))
