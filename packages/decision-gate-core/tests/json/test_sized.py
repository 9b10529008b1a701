"""Size-limited canonical JSON: the limit to the byte, and the number that the error repeats (contract §1.5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.json import CanonicalJsonError, CanonicalSizeError, canonical, canonical_within

TEXTS = st.text(alphabet='ab"\\\n\x01é', max_size=6)
VALUES = st.recursive(
    st.none() | st.integers(-999, 999) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "limit", "actual"),
    [
        ("x" * 100, 50, 101),
        ({"data": "x" * 100}, 10, 110),
        ({"a": 1, "b": "y" * 50}, 20, 63),
        ([1, 2, 3, 4], 5, 6),
        (12345, 3, 5),
        ("x" * 2_097_152, 2_097_152, 2_097_153),
        (["ab\ncd"], 4, 6),
        (["ab\u0001cd"], 5, 10),
        ([{"b": 1, "a": [1, 2]}], 6, 11),
        ([[], {}], 6, 7),
        ({}, 1, 2),
        (None, 3, 4),
    ],
)
def test_the_error_counts_to_the_end_of_the_write_that_passes_the_limit(value, limit, actual):
    with pytest.raises(CanonicalSizeError) as refusal:
        canonical_within(value, limit)

    assert (refusal.value.code, refusal.value.actual, refusal.value.limit) == ("json_too_large", actual, limit)
    assert str(refusal.value) == f"canonical json exceeds size limit ({actual} > {limit})"


@given(VALUES, st.integers(0, 60))
def test_a_value_passes_exactly_when_its_canonical_bytes_fit(value, limit):
    text = canonical(value)
    if len(text) <= limit:
        assert canonical_within(value, limit) == text
    else:
        with pytest.raises(CanonicalSizeError) as refusal:
            canonical_within(value, limit)
        assert limit < refusal.value.actual <= len(text)


def test_what_has_no_canonical_form_is_refused_before_it_is_measured():
    with pytest.raises(CanonicalJsonError):
        canonical_within([float("nan"), "x" * 100], 10)
