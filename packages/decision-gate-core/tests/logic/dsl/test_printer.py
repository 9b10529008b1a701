"""Printing undoes parsing: contract §4.6."""

import pytest
from hypothesis import given

from decision_gate.core.logic import (
    And,
    Condition,
    Not,
    Or,
    RequireGroup,
    RequirementTextError,
    parse_requirement,
    print_requirement,
)
from decision_gate.core.testing.requirement_trees import requirements


def leaf(name):
    return Condition(condition_id=name)


def same_name(name):
    return name


A, B, C = map(leaf, "abc")


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (A, "a"),
        (And(requirements=(A, B, Not(requirement=C))), "a and b and not c"),
        (Or(requirements=(And(requirements=(A, B)), C)), "(a and b) or c"),
        (And(requirements=(And(requirements=(A, B)), C)), "(a and b) and c"),
        (Not(requirement=Or(requirements=(A, B))), "not (a or b)"),
        (Not(requirement=Not(requirement=A)), "not not a"),
        (And(requirements=()), "all()"),
        (Or(requirements=(A,)), "any(a)"),
        (RequireGroup(min=2, requirements=(A, Or(requirements=(B, C)), C)), "at_least(2, a, b or c, c)"),
        (And(requirements=(leaf("all"), leaf("at_least"))), "all and at_least"),
    ],
)
def test_tree_is_written_with_words(tree, text):
    assert print_requirement(tree) == text
    assert parse_requirement(text, same_name) == tree


@given(requirements(("a", "all", "any", "at_least", "_x9"), well_formed=True))
def test_parsing_undoes_printing(tree):
    assert parse_requirement(print_requirement(tree), same_name) == tree


def singletons(count, inner):
    for _ in range(count):
        inner = And(requirements=(inner,))
    return inner


def test_deepest_brackets_that_parse_can_be_printed():
    tree = singletons(32, A)

    assert parse_requirement(print_requirement(tree), same_name) == tree


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        (leaf("ci.tests"), "condition id 'ci.tests' is not an identifier"),
        (leaf("a\n"), "condition id 'a\\n' is not an identifier"),
        (leaf("and"), "condition id 'and' is not an identifier"),
        (leaf(""), "condition id '' is not an identifier"),
        (RequireGroup(min=0, requirements=()), "a group without members cannot be written"),
        (RequireGroup(min=2, requirements=(A,)), "Invalid group requirement: min 2 exceeds total 1"),
        (singletons(32, And(requirements=())), "its text nests deeper than 32 brackets"),
        (singletons(33, A), "Requirement tree too deep: 33 levels (max 32)"),
        (And(requirements=(leaf("a" * 1_048_576), A)), "its text exceeds 1048576 bytes"),
    ],
)
def test_tree_without_a_text_is_refused(tree, reason):
    with pytest.raises(RequirementTextError) as caught:
        print_requirement(tree)

    assert (caught.value.code, str(caught.value)) == (
        "requirement_text",
        f"requirement has no text form: {reason}",
    )


@pytest.mark.parametrize("word", ["and", "or", "not"])
def test_a_condition_that_is_called_as_an_operator_has_no_text(word):
    with pytest.raises(RequirementTextError):
        print_requirement(Condition(condition_id=word))
