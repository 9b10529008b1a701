"""Tokens of listings: one text for one position, and nothing else is accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.ports import CursorError, decode_cursor, encode_cursor


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_a_token_comes_back_as_its_parts(parts):
    assert decode_cursor(encode_cursor(*parts), len(parts)) == tuple(parts)


@given(st.text(max_size=40), st.integers(1, 3))
def test_any_other_text_is_refused(text, count):
    try:
        parts = decode_cursor(text, count)
    except CursorError:
        return
    assert encode_cursor(*parts) == text


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=3), st.integers(1, 4))
def test_a_token_of_another_shape_is_refused(parts, count):
    token = encode_cursor(*parts)

    if count == len(parts):
        assert decode_cursor(token, count) == tuple(parts)
    else:
        with pytest.raises(CursorError):
            decode_cursor(token, count)


@pytest.mark.parametrize("ending", ["=", "==", "\n", " ", "A"])
def test_a_second_spelling_of_a_token_is_refused(ending):
    with pytest.raises(CursorError):
        decode_cursor(encode_cursor(b"a", b"bcd") + ending, 2)
