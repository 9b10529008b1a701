"""Structural equality is equality of kind and content (contract §1.3)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.json import structural_equal

VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, 1, 2, 1.0, 0.0, "a", "é", "e\u0301"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@given(VALUES, VALUES)
def test_values_are_equal_exactly_when_their_sorted_texts_are(one, other):
    assert structural_equal(one, other) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (0.0, -0.0, True),
        (0, -0.0, False),
        (1, 1.0, False),
        (True, 1, False),
        ([True], [1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {"b": None}, False),
        ({"a": None}, {}, False),
        ([1, 2], [2, 1], False),
        ([], {}, False),
        ("é", "e\u0301", False),
        (2**64 - 1, 2**64 - 1, True),
    ],
)
def test_kinds_count_and_order_counts_in_arrays_only(one, other, equal):
    assert structural_equal(one, other) is equal
    assert structural_equal(other, one) is equal
