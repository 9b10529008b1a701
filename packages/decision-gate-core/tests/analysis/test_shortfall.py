"""How far a value is from what a condition wants, in words."""

import pytest

from decision_gate.core.analysis.shortfall import direction, shortfall, wanted
from decision_gate.core.comparators import Comparator
from decision_gate.core.logic import TriState
from decision_gate.core.model import BytesEvidence, ConditionSpec, EvidenceQuery, JsonEvidence


def condition(comparator, expected):
    return ConditionSpec(
        condition_id="c",
        query=EvidenceQuery(provider_id="p", check_id="k"),
        comparator=comparator,
        expected=expected,
        policy_tags=(),
    )


@pytest.mark.parametrize(
    ("comparator", "expected", "value", "words"),
    [
        (Comparator.GREATER_THAN_OR_EQUAL, 85, 82.3, "82.3, needs at least 85 (+2.7)"),
        (Comparator.GREATER_THAN, 0.3, 0.1, "0.1, needs more than 0.3 (+0.2)"),
        (Comparator.LESS_THAN, 10, 10, "10, needs less than 10"),
        (Comparator.LESS_THAN_OR_EQUAL, 0, 3, "3, needs at most 0 (−3)"),
        (Comparator.EQUALS, 0, 3, "3, must be 0 (−3)"),
        (Comparator.EQUALS, 2**64 - 1, 0.5, "0.5, must be 18446744073709551615 (+18446744073709551614.5)"),
        (Comparator.LESS_THAN, 1, 1e300, "1e+300, needs less than 1"),
        (Comparator.EQUALS, True, False, "is false, must be true"),
        (Comparator.EQUALS, "done", "open", 'is "open", must be "done"'),
        (Comparator.NOT_EQUALS, 7, 7, "7, must be anything but 7"),
        (Comparator.IN_SET, ["low", "none"], "high", 'is "high", must be one of low, none'),
        (Comparator.CONTAINS, ["ready"], ["draft"], "is draft, must contain ready"),
        (Comparator.GREATER_THAN, "2026-01-01", "2025-01-01", 'is "2025-01-01", must be after 2026-01-01'),
        (Comparator.LEX_LESS_THAN, "b", "c", 'is "c", must sort before "b"'),
        (Comparator.NOT_EXISTS, None, 1, "1, must not be there"),
        (Comparator.DEEP_EQUALS, {"a": 1}, {"a": 2}, 'is {"a":2}, must be {"a":1}'),
    ],
)
def test_a_value_is_held_against_what_would_make_the_condition_true(comparator, expected, value, words):
    assert shortfall(condition(comparator, expected), JsonEvidence(value=value), TriState.TRUE) == words


@pytest.mark.parametrize(
    ("comparator", "expected", "words"),
    [
        (Comparator.GREATER_THAN_OR_EQUAL, 85, "90, needs less than 85 (−5)"),
        (Comparator.EQUALS, 90, "90, must be anything but 90"),
        (Comparator.IN_SET, [90], "90, must be none of 90"),
        (Comparator.CONTAINS, "x", '90, must not contain "x"'),
        (Comparator.EXISTS, None, "90, must not be there"),
    ],
)
def test_below_a_negation_the_opposite_is_wanted(comparator, expected, words):
    assert shortfall(condition(comparator, expected), JsonEvidence(value=90), TriState.FALSE) == words


def test_what_is_absent_or_not_json_is_said_to_be_so():
    wanted = condition(Comparator.EXISTS, None)
    counted = condition(Comparator.EQUALS, "x")

    assert shortfall(wanted, None, TriState.TRUE) == "is not there, must be there"
    assert shortfall(counted, BytesEvidence(value=b"abc"), TriState.TRUE) == 'is 3 bytes, must be "x"'


def test_long_values_are_cut():
    words = shortfall(condition(Comparator.EQUALS, "x"), JsonEvidence(value="y" * 500), TriState.TRUE)

    assert words == f'is "{"y" * 58}…, must be "x"'


@pytest.mark.parametrize(
    ("comparator", "expected", "needed", "words"),
    [
        (Comparator.GREATER_THAN, 8512, TriState.TRUE, "must rise"),
        (Comparator.GREATER_THAN, 8512, TriState.FALSE, "must fall"),
        (Comparator.LESS_THAN_OR_EQUAL, 8512, TriState.TRUE, "must fall"),
        (Comparator.EQUALS, 8512, TriState.TRUE, "must change"),
        (Comparator.IN_SET, [8512], TriState.FALSE, "must change"),
        (Comparator.CONTAINS, "8512", TriState.TRUE, "must change"),
        (Comparator.EXISTS, None, TriState.TRUE, "must be there"),
    ],
)
def test_a_direction_names_neither_value_nor_bound(comparator, expected, needed, words):
    assert direction(condition(comparator, expected), needed) == words


@pytest.mark.parametrize(
    ("comparator", "to_hold", "to_fail"),
    [
        (Comparator.EQUALS, "must be 7", "must be anything but 7"),
        (Comparator.NOT_EQUALS, "must be anything but 7", "must be 7"),
        (Comparator.GREATER_THAN, "needs more than 7", "needs at most 7"),
        (Comparator.GREATER_THAN_OR_EQUAL, "needs at least 7", "needs less than 7"),
        (Comparator.LESS_THAN, "needs less than 7", "needs at least 7"),
        (Comparator.LESS_THAN_OR_EQUAL, "needs at most 7", "needs more than 7"),
        (Comparator.LEX_GREATER_THAN, "must sort after 7", "must sort at or before 7"),
        (Comparator.LEX_GREATER_THAN_OR_EQUAL, "must sort at or after 7", "must sort before 7"),
        (Comparator.LEX_LESS_THAN, "must sort before 7", "must sort at or after 7"),
        (Comparator.LEX_LESS_THAN_OR_EQUAL, "must sort at or before 7", "must sort after 7"),
        (Comparator.DEEP_EQUALS, "must be 7", "must be anything but 7"),
        (Comparator.DEEP_NOT_EQUALS, "must be anything but 7", "must be 7"),
        (Comparator.CONTAINS, "must contain 7", "must not contain 7"),
        (Comparator.IN_SET, "must be one of 7", "must be none of 7"),
        (Comparator.EXISTS, "must be there", "must not be there"),
        (Comparator.NOT_EXISTS, "must not be there", "must be there"),
    ],
)
def test_every_comparator_has_its_words_and_those_of_its_opposite(comparator, to_hold, to_fail):
    of = condition(comparator, 7)

    assert (wanted(of, TriState.TRUE), wanted(of, TriState.FALSE)) == (to_hold, to_fail)


@pytest.mark.parametrize(
    ("comparator", "to_hold", "to_fail"),
    [
        (Comparator.GREATER_THAN, "must be after 2026", "must not be after 2026"),
        (Comparator.GREATER_THAN_OR_EQUAL, "must not be before 2026", "must be before 2026"),
        (Comparator.LESS_THAN, "must be before 2026", "must not be before 2026"),
        (Comparator.LESS_THAN_OR_EQUAL, "must not be after 2026", "must be after 2026"),
    ],
)
def test_an_order_of_texts_is_one_of_moments(comparator, to_hold, to_fail):
    of = condition(comparator, "2026")

    assert (wanted(of, TriState.TRUE), wanted(of, TriState.FALSE)) == (to_hold, to_fail)
    assert direction(of, TriState.TRUE) == "must change"


@pytest.mark.parametrize(
    ("comparator", "to_hold", "to_fail"),
    [
        (Comparator.GREATER_THAN, "must rise", "must fall"),
        (Comparator.GREATER_THAN_OR_EQUAL, "must rise", "must fall"),
        (Comparator.LESS_THAN, "must fall", "must rise"),
        (Comparator.LESS_THAN_OR_EQUAL, "must fall", "must rise"),
        (Comparator.EXISTS, "must be there", "must not be there"),
        (Comparator.NOT_EXISTS, "must not be there", "must be there"),
        (Comparator.CONTAINS, "must change", "must change"),
        (Comparator.DEEP_NOT_EQUALS, "must change", "must change"),
        (Comparator.LEX_LESS_THAN, "must change", "must change"),
    ],
)
def test_a_direction_turns_round_below_a_negation(comparator, to_hold, to_fail):
    of = condition(comparator, 7)

    assert (direction(of, TriState.TRUE), direction(of, TriState.FALSE)) == (to_hold, to_fail)


@pytest.mark.parametrize(
    ("comparator", "expected", "value", "words"),
    [
        (Comparator.NOT_EQUALS, 7, 5, "5, must be anything but 7"),
        (Comparator.DEEP_NOT_EQUALS, 7, 5, "5, must be anything but 7"),
        (Comparator.EQUALS, True, 5, "5, must be true"),
        (Comparator.EQUALS, 5, True, "is true, must be 5"),
        (Comparator.EQUALS, "5", 5, '5, must be "5"'),
        (Comparator.GREATER_THAN, 100.0, 20.0, "20, needs more than 100 (+80)"),
        (Comparator.IN_SET, [1, 2.0, "x", True], 5, "5, must be one of 1, 2, x, true"),
        (Comparator.IN_SET, [1, None], 5, "5, must be one of [1,null]"),
        (Comparator.EQUALS, "x" * 58, 5, f'5, must be "{"x" * 58}"'),
        (Comparator.EQUALS, "x" * 59, 5, f'5, must be "{"x" * 58}…'),
    ],
)
def test_numbers_lists_and_long_texts_are_spelled_for_people(comparator, expected, value, words):
    assert shortfall(condition(comparator, expected), JsonEvidence(value=value), TriState.TRUE) == words
