"""Every comparator against a slow reading of contract §5 on canonical values (deviation S10)."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from decision_gate.core.comparators import ABSENT, Comparator, compare
from decision_gate.core.comparators.temporal import calendar_date, instant
from decision_gate.core.json import canonical, parse, structural_equal
from decision_gate.core.logic import TriState

ORDERING = {
    "greater_than": lambda one, other: one > other,
    "greater_than_or_equal": lambda one, other: one >= other,
    "less_than": lambda one, other: one < other,
    "less_than_or_equal": lambda one, other: one <= other,
}
NUMBERS = st.sampled_from(
    [
        0,
        1,
        2,
        255,
        256,
        -1,
        0.0,
        -0.0,
        1.0,
        2.0,
        0.1,
        0.3,
        0.30000000000000004,
        1.5,
        5e-324,
        1e300,
        2**53 - 1,
        2**53,
        2**53 + 1,
        2.0**53,
        9007199254740993,
        9007199254740992.0,
        2**63,
        2.0**63,
        9223372036854776000,
        2**64 - 1,
        2.0**64,
        1.8446744073709552e19,
        1.844674407370955e19,
        18446744073709550000,
        -(2**63),
        -(2.0**63),
    ]
)
ANY_NUMBERS = (
    NUMBERS
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**64), 2**64).map(float)
)
STRINGS = st.sampled_from(
    [
        "",
        "a",
        "ab",
        "b",
        "é",
        "\uffff",
        "😀",
        "10",
        "9",
        "2024-01-02",
        "2024-1-3",
        "2024-01-02T00:00:00Z",
        "2024-01-02T01:00:00+02:00",
        "2024-01-02T00:00:00.5Z",
    ]
)
SCALARS = st.none() | st.booleans() | ANY_NUMBERS | STRINGS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
EVIDENCE = VALUES | st.binary(max_size=2) | st.just(ABSENT)
EXPECTED = VALUES | st.lists(st.integers(0, 256), max_size=2) | st.just(ABSENT)


def _is_number(value):
    return type(value) in (int, float)


def _equal(one, other):
    if _is_number(one) and _is_number(other):
        return Decimal(repr(one)) == Decimal(repr(other))
    return structural_equal(one, other)


def _moments(one, other):
    for read in (instant, calendar_date):
        if None not in (read(one), read(other)):
            return read(one), read(other)
    return None


def _ordered(holds, one, other):
    if _is_number(one) and _is_number(other):
        return holds(Decimal(repr(one)), Decimal(repr(other)))
    if type(one) is type(other) is str and (moments := _moments(one, other)):
        return holds(*moments)
    return None


def _contains(one, other):
    if type(one) is type(other) is str:
        return other in one
    if type(one) is type(other) is list:
        return all(any(structural_equal(wanted, item) for item in one) for wanted in other)
    return None


def _on_bytes(name, one, other):
    if name not in ("equals", "not_equals") or type(other) is not list:
        return None
    if not all(type(item) is int and 0 <= item <= 255 for item in other):
        return None
    return (list(one) == other) == (name == "equals")


def _oracle(name, evidence, expected):  # noqa: PLR0911 - the contract in one place
    """Return True, False or None for Unknown, step by step as contract §5 reads."""
    if name in ("exists", "not_exists"):
        return (evidence is ABSENT) == (name == "not_exists")
    if evidence is ABSENT or expected is ABSENT or expected is None:
        return None
    other = parse(canonical(expected))
    if isinstance(evidence, bytes):
        return _on_bytes(name, evidence, other)
    one = parse(canonical(evidence))
    if name in ("equals", "not_equals"):
        return _equal(one, other) == (name == "equals")
    if name in ORDERING:
        return _ordered(ORDERING[name], one, other)
    if name.startswith("lex_"):
        if type(one) is type(other) is str:
            return ORDERING[name.removeprefix("lex_")](one.encode(), other.encode())
        return None
    if name == "contains":
        return _contains(one, other)
    if name == "in_set":
        if type(other) is not list or type(one) in (list, dict):
            return None
        return any(structural_equal(one, item) for item in other)
    if type(one) is type(other) and type(one) in (list, dict):
        return structural_equal(one, other) == (name == "deep_equals")
    return None


STATUS = {True: TriState.TRUE, False: TriState.FALSE, None: TriState.UNKNOWN}


def _told(evidence, expected):
    return {comparator.value: compare(comparator, evidence, expected) for comparator in Comparator}


def _foretold(evidence, expected):
    return {comparator.value: STATUS[_oracle(comparator.value, evidence, expected)] for comparator in Comparator}


@settings(max_examples=300)
@given(EVIDENCE, EXPECTED)
def test_every_comparator_judges_as_the_contract_reads(evidence, expected):
    assert _told(evidence, expected) == _foretold(evidence, expected)


@settings(max_examples=300)
@given(ANY_NUMBERS, ANY_NUMBERS)
@example(-(2.0**63), -(2**63))
@example(2.0**63, 2**63)
@example(2.0**63, 9223372036854776000)
@example(2.0**64, 2**64 - 1)
@example(18446744073709549568.0, 18446744073709549568)
@example(18446744073709549568.0, 18446744073709550000)
def test_numbers_are_compared_as_their_shortest_decimals_alone_and_in_containers(one, other):
    """Contract §5.2."""
    for evidence, expected in ((one, other), ([one], [other]), (one, [other]), ({"a": one}, {"a": other})):
        assert _told(evidence, expected) == _foretold(evidence, expected)


@pytest.mark.parametrize("one", [True, False])
@pytest.mark.parametrize("other", [0, 1, 0.0, 1.0, -0.0])
def test_booleans_are_no_numbers_in_any_place_or_order(one, other):
    """Python takes them for 0 and 1; a comparator must not."""
    for place in (lambda value: value, lambda value: [value], lambda value: {"a": [value, "b"]}):
        assert _told(place(one), place(other)) == _foretold(place(one), place(other))
        assert _told(place(other), place(one)) == _foretold(place(other), place(one))
    assert _told(one, [other]) == _foretold(one, [other])
    assert _told(other, [one]) == _foretold(other, [one])


@given(VALUES, st.sampled_from([lambda value: value, lambda value: [value], lambda value: {"a": value, "b": True}]))
def test_a_value_equals_itself_in_every_spelling_of_its_numbers(value, place):
    for spelled in (place(value), parse(canonical(place(value)))):
        assert _told(spelled, place(value)) == _foretold(spelled, place(value))
