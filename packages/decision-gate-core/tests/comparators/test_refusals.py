"""A comparator never guesses about what JSON cannot hold."""

import math

import pytest

from decision_gate.core.comparators import Comparator, compare, prepare
from decision_gate.core.json import CanonicalJsonError
from decision_gate.core.logic import TriState

NUMERIC = [Comparator.EQUALS, Comparator.NOT_EQUALS, Comparator.GREATER_THAN, Comparator.LESS_THAN_OR_EQUAL]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("comparator", NUMERIC)
def test_a_number_that_is_not_finite_is_refused_on_either_side(comparator, number):
    with pytest.raises(CanonicalJsonError):
        compare(comparator, number, 1)
    with pytest.raises(CanonicalJsonError):
        prepare(comparator, number)


@pytest.mark.parametrize("comparator", [Comparator.EQUALS, Comparator.DEEP_EQUALS])
def test_null_is_never_taken_for_a_number_that_is_not_finite(comparator):
    assert compare(comparator, [math.nan], [None]) is TriState.FALSE
    with pytest.raises(CanonicalJsonError):
        prepare(comparator, [math.nan])


def test_a_member_that_is_not_finite_is_refused():
    with pytest.raises(CanonicalJsonError):
        compare(Comparator.IN_SET, math.nan, [1])
    with pytest.raises(CanonicalJsonError):
        prepare(Comparator.CONTAINS, [math.inf])
