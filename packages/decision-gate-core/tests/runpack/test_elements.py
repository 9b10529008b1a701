"""Splitting agrees with parsing the whole, however the text is cut into chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import canonical, parse
from decision_gate.core.runpack.elements import elements
from decision_gate.core.runpack.errors import InvalidArrayError

scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=8) | st.just('},{"a":"\\')
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "{", '"', "]"]), inner, max_size=4)
    ),
    max_leaves=20,
)
arrays = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), values, max_size=3), max_size=8)


def cut(text, size):
    return [text[start : start + size] for start in range(0, len(text), size)]


@given(arrays, st.integers(1, 40))
def test_elements_are_those_of_the_whole_array_whatever_the_chunks(array, size):
    text = canonical(array)

    found = list(elements(cut(text, size), "a"))

    assert [value for _, value in found] == array
    assert b"[" + b",".join(raw for raw, _ in found) + b"]" == text


@given(arrays, st.integers(1, 40), st.data())
def test_what_is_no_array_is_refused_or_read_as_the_parser_reads_it(array, size, data):
    text = bytearray(canonical(array))
    position = data.draw(st.integers(0, len(text) - 1))
    text[position] = data.draw(st.sampled_from(b'[]{},:"\\ a0'))

    try:
        found = [value for _, value in elements(cut(bytes(text), size), "a")]
    except DecisionGateError:
        return

    assert found == parse(bytes(text))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[",
        b"]",
        b"[]x",
        b"[] ",
        b" []",
        b"[1]",
        b"[{}",
        b"[{},]",
        b"[{}{}]",
        b"[{},,{}]",
        b'[{"a":1]',
        b'[{"a":"]',
    ],
)
def test_anything_but_one_array_of_objects_is_refused(text):
    with pytest.raises(DecisionGateError):
        list(elements([text], "a"))


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        (b"", "expected `[`", 0),
        (b"{}", "expected `[`", 0),
        (b"[", "expected an object", 1),
        (b"[1]", "expected an object", 1),
        (b"[{},1]", "expected an object", 4),
        (b"[{}", "expected `]`", 3),
        (b"[{} ]", "expected `]`", 3),
        (b"[]x", "trailing characters", 2),
        (b'[{"a":1},{"b":1}]x', "trailing characters", 17),
        (b'[{"a":[1}', "unexpected end", 9),
    ],
)
def test_a_refusal_names_what_is_wrong_and_the_byte(text, reason, offset, size):
    with pytest.raises(InvalidArrayError) as refusal:
        list(elements(cut(text, size), "a"))

    assert (refusal.value.code, refusal.value.reason, refusal.value.offset) == ("invalid_array", reason, offset)
    assert str(refusal.value) == f"{reason} at byte {offset}"


def test_empty_chunks_are_no_end():
    found = list(elements([b"", b"[", b"", b'{"a"', b"", b":1}", b"", b"]", b""], "a"))

    assert found == [(b'{"a":1}', {"a": 1})]


@pytest.mark.parametrize("following", [b"", b',{"a":1}'])
def test_an_element_may_be_as_large_as_the_limit(following):
    element = b'{"a":"%b"}' % (b"x" * 92)

    found = list(elements(cut(b"[%b%b]" % (element, following), 7), "a", max_bytes=100))

    assert (len(element), found[0][0]) == (100, element)


def test_an_element_larger_than_allowed_is_refused_whether_or_not_another_follows():
    for text in (b'[{"a":"%b"}]', b'[{"a":"%b"},{"a":1}]'):
        with pytest.raises(DecisionGateError, match="larger than 100 bytes"):
            list(elements(cut(text % (b"x" * 300), 7), "a", max_bytes=100))


def test_a_text_that_fills_many_chunks_is_scanned_in_linear_time():
    text = b'[{"a":"%b"}]' % (b"x" * 4_000_000)

    [(raw, _)] = elements(cut(text, 1_000), "a")

    assert len(raw) == 4_000_008


def test_a_text_that_is_known_is_yielded_as_what_it_is_known_for_and_all_others_are_parsed():
    known = {b'{"a":1}': "one"}

    found = list(elements(cut(b'[{"a":1},{"a":2},{"a":1}]', 3), "a", known.get))

    assert found == [(b'{"a":1}', "one"), (b'{"a":2}', {"a": 2}), (b'{"a":1}', {"a": 1})]


def test_the_beginning_of_an_element_is_not_mistaken_for_the_whole_where_its_value_holds_such_elements():
    text = b'[{"a":[{"a":1},{"a":2}]},{"a":3}]'

    found = [raw for raw, _ in elements([text], "a", {b'{"a":1}': 1}.get)]

    assert found == [b'{"a":[{"a":1},{"a":2}]}', b'{"a":3}']
