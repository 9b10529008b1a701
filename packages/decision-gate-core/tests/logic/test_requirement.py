"""The tree and the walks over it: contract §4, §4.4."""

import pytest

from decision_gate.core.logic import (
    And,
    Condition,
    Not,
    Or,
    RequireGroup,
    RequirementStructureError,
    complexity,
    condition_ids,
    is_too_deep,
)


def leaf(name):
    return Condition(condition_id=name)


TREE = Or(
    requirements=(
        And(requirements=(leaf("b"), Not(requirement=leaf("a")))),
        RequireGroup(min=1, requirements=(leaf("b"), leaf("c"))),
        leaf("a"),
    )
)


def test_condition_ids_come_once_and_in_the_order_of_first_appearance():
    assert condition_ids(TREE) == ("b", "a", "c")


def test_complexity_counts_every_node():
    assert complexity(TREE) == 9
    assert complexity(And(requirements=())) == 1


def test_depth_of_32_is_allowed_and_33_is_too_deep():
    tree = leaf("a")
    for _ in range(32):
        tree = Not(requirement=tree)

    assert not is_too_deep(tree)
    assert is_too_deep(And(requirements=(leaf("b"), tree)))


def test_members_are_kept_as_a_tuple_so_that_trees_can_be_hashed():
    assert hash(And(requirements=[leaf("a")])) == hash(And(requirements=(leaf("a"),)))


@pytest.mark.parametrize("minimum", [-1, 256])
def test_group_minimum_outside_one_byte_is_refused(minimum):
    with pytest.raises(RequirementStructureError) as caught:
        RequireGroup(min=minimum, requirements=())

    assert caught.value.code == "requirement_structure"
