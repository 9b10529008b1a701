"""Plain JSON: insertion order, the reference's float text, and the same refusals as canonical (contract §1.4)."""

import json
import math
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.json import JsonEncodeError, parse, plain, plain_finite

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (1e16, "1e+16"),
        (1.2345678901234568e20, "1.2345678901234568e+20"),
        (1e-6, "1e-6"),
        (1.5e-7, "1.5e-7"),
        (1e-5, "0.00001"),
        (4500000000000000.0, "4500000000000000.0"),
        (0.0001, "0.0001"),
        (1e300, "1e+300"),
        (5e-324, "5e-324"),
    ],
)
def test_a_float_has_the_text_of_the_reference(number, text):
    assert plain([number]) == f"[{text}]".encode()


def test_members_stay_in_the_order_of_insertion_and_text_stays_unescaped():
    assert plain({"b": "é\u2028/\x7f", "a": ('\x00\x1f\b\t\n\f\r"\\',)}) == (
        '{"b":"é\u2028/\x7f","a":["\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\"]}'.encode()
    )


@given(VALUES)
def test_plain_text_reads_back_to_the_same_value_in_kind_and_order(value):
    assert json.dumps(parse(plain(value))) == json.dumps(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**64, "\ud800", {1: 2}, b"x", uuid.UUID(int=0)])
def test_what_is_no_json_is_refused(value):
    for place in (value, [value], {"a": (value,)}):
        with pytest.raises(JsonEncodeError) as refusal:
            plain(place)

        assert refusal.value.code == "json_unencodable"


def test_bytes_that_look_like_a_float_that_is_not_finite_are_a_false_alarm():
    assert plain(["gxxxxxx\u00f0\x7f"]) == '["gxxxxxx\u00f0\x7f"]'.encode()


@given(VALUES)
def test_finite_values_are_written_alike_by_both_ways(value):
    """A value of our own making needs no search for what is not finite."""
    assert plain_finite(value) == plain(value)


def test_the_short_way_refuses_what_it_still_sees():
    with pytest.raises(JsonEncodeError):
        plain_finite({"at": 2**64})
