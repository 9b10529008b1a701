"""Simplified formulas mean what the plain ones mean."""

from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.analysis.threshold import FAILS, HOLDS, Threshold, assigned, at_least, conditions_of

LITERALS = st.integers(0, 9)


def plain(needed, members):
    """The node as it was written, nothing simplified."""
    return ("at least", needed, members)


WRITTEN = st.recursive(
    LITERALS,
    lambda inner: st.builds(plain, st.integers(-1, 5), st.lists(inner, max_size=4)),
    max_leaves=15,
)


def build(written):
    if isinstance(written, int):
        return written
    _, needed, members = written
    return at_least(needed, [build(member) for member in members])


def means(written, holding):
    if isinstance(written, int):
        return written in holding
    _, needed, members = written
    return sum(means(member, holding) for member in members) >= needed


def is_true(formula, holding):
    if isinstance(formula, int):
        return formula in holding
    return sum(is_true(member, holding) for member in formula.members) >= formula.needed


def consistent(choices):
    """One literal a condition, or none, so that no two of them contradict each other."""
    return {2 * condition + value for condition, value in choices.items()}


CHOICES = st.dictionaries(st.integers(0, 4), st.integers(0, 1)).map(consistent)


def is_simple(formula):
    if isinstance(formula, int) or formula in (HOLDS, FAILS):
        return True
    return (
        0 < formula.needed <= len(formula.members) > 1
        and all(member not in (HOLDS, FAILS) and is_simple(member) for member in formula.members)
        and formula.conditions == frozenset().union(*map(conditions_of, formula.members))
        and formula.size == sum(1 if isinstance(member, int) else member.size for member in formula.members)
    )


@given(WRITTEN, CHOICES)
def test_building_simplifies_and_keeps_the_meaning(written, holding):
    formula = build(written)

    assert is_simple(formula)
    assert is_true(formula, holding) == means(written, holding)


@given(WRITTEN, CHOICES, st.sets(st.integers(0, 4)))
def test_settled_conditions_disappear_and_the_rest_decides_as_before(written, holding, settled):
    formula = build(written)
    settled_literals = {literal for literal in holding if literal >> 1 in settled}

    rest = assigned(formula, settled, settled_literals)

    assert settled.isdisjoint(conditions_of(rest))
    assert is_true(rest, holding) == is_true(formula, holding)


def test_like_nodes_are_merged_and_idle_repeats_dropped():
    nested = at_least(3, [3, at_least(2, [5, at_least(1, [7, 9, 7])]), 3])

    assert nested == Threshold(3, (3, 5, Threshold(1, (7, 9), frozenset({3, 4}), 2)), frozenset({1, 2, 3, 4}), 4)


def test_repeats_in_a_quorum_count():
    assert at_least(2, [3, 3, 5]).members == (3, 3, 5)


def test_conjunction_of_contradicting_literals_fails():
    assert at_least(2, [2, 3]) is FAILS
