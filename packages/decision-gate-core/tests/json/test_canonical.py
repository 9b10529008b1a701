"""Canonical bytes: the vectors of contract §16.1, RFC 8785 as an oracle, and what has no canonical form."""

import dataclasses
import enum
import hashlib
import json
import math
import struct
import uuid
from collections import OrderedDict, namedtuple
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from decision_gate.core.json import (
    CanonicalJsonError,
    canonical,
    canonical_finite,
    canonical_kinds,
    canonical_number,
    canonical_scalar,
    parse,
    structural_equal,
)
from decision_gate.core.json.numbers import ecmascript_text

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "canonical_json.json").read_text(encoding="utf-8"))

TRICKY = list('"\\\x00\x1f\x7f/\u2028.0,}]e+-6g\ue000\uffff😀\U0010ffff!" ')
TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",)) | st.sampled_from(TRICKY), max_size=8)
EDGE_FLOATS = [
    0.0,
    -0.0,
    1e-6,
    9.5e-6,
    1e-5,
    1e-7,
    1e15,
    1e16,
    1e20,
    1e21,
    5e-324,
    2.0**53,
    2.0**63,
    -(2.0**63),
    2.0**64,
]
FLOATS = st.one_of(
    st.sampled_from(EDGE_FLOATS),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1e22, 1e22),
    st.floats(-1e-4, 1e-4),
    st.integers(-(10**21), 10**21).map(float),
)
EXACT_INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
INTEGERS = st.integers(-(2**63), 2**64 - 1)


def _values(integers):
    leaves = st.none() | st.booleans() | integers | FLOATS | TEXTS
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(TEXTS, inner, max_size=5)
            | st.lists(inner, max_size=3).map(tuple)
        ),
        max_leaves=12,
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["text"])
def test_a_vector_of_the_contract_has_its_bytes_and_its_hash(vector):
    """Contract §16.1, its order of keys as deviation S1 says."""
    value = parse(vector["text"])
    expected = vector["canonical"].encode()

    assert (canonical(value), canonical_finite(value)) == (expected, expected)
    assert hashlib.sha256(expected).hexdigest().startswith(vector["sha256_starts"])


@given(_values(EXACT_INTEGERS))
@example({"\U0001f600": 1, "\ufb01": 2})
@example({"\U0001f600": 1, "\ue000": 2})
@example(["e-6,", ".0]", "e+16", None, 1.5])
def test_without_large_integers_the_bytes_are_those_of_rfc_8785(value):
    expected = rfc8785.dumps(value)

    assert (canonical(value), canonical_finite(value)) == (expected, expected)


@given(_values(INTEGERS))
def test_canonical_bytes_read_back_to_the_same_bytes(value):
    text = canonical(value)

    assert canonical(parse(text)) == text
    assert canonical_finite(value) == text


@given(INTEGERS)
def test_an_integer_of_64_bits_keeps_its_digits(number):
    """Deviation S2."""
    assert canonical([number]) == f"[{number}]".encode()


# RFC 8785, appendix B.
@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_a_float_is_written_as_ecmascript_writes_it(bits, text):
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert ecmascript_text(number) == text
    assert canonical([number]) == f"[{text}]".encode()
    assert canonical({"a": number, "b": None}) == f'{{"a":{text},"b":null}}'.encode()


@given(FLOATS)
def test_ecmascript_text_is_the_number_text_of_rfc_8785(number):
    assert ecmascript_text(number).encode() == rfc8785.dumps(number)


class Colour(enum.Enum):
    """Not JSON."""

    RED = "red"


class Name(enum.StrEnum):
    """A string for Python, not for JSON."""

    ANN = "ann"


class Text(str):
    """Not JSON."""

    __slots__ = ()


class Whole(int):
    """Not JSON."""


@dataclasses.dataclass
class Point:
    """Not JSON."""

    x: int


Pair = namedtuple("Pair", ["one", "two"])  # noqa: PYI024 - a subclass of tuple is what is tested


def _ring():
    ring = []
    ring.append(ring)
    return ring


def _tower(depth):
    tower = 1
    for _ in range(depth):
        tower = [tower]
    return tower


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "non-finite float"),
        (math.inf, "non-finite float"),
        (-math.inf, "non-finite float"),
        (2**64, "integer exceeds 64 bits"),
        (-(2**63) - 1, "integer exceeds 64 bits"),
        ({1: 2}, "object key is not a string"),
        ({None: 2}, "object key is not a string"),
        ({Text("a"): 2}, "object key is not a string"),
        ({Name.ANN: 2}, "object key is not a string"),
        ("\ud800", "lone surrogate in a string"),
        ({"\udfff": 1}, "lone surrogate in a string"),
        (b"x", "bytes is not json"),
        (bytearray(b"x"), "bytearray is not json"),
        ({1, 2}, "set is not json"),
        (1j, "complex is not json"),
        (Decimal(1), "Decimal is not json"),
        (uuid.UUID(int=0), "UUID is not json"),
        (datetime(2024, 1, 2, tzinfo=UTC), "datetime is not json"),
        (Colour.RED, "Colour is not json"),
        (Name.ANN, "Name is not json"),
        (Text("a"), "Text is not json"),
        (Whole(1), "Whole is not json"),
        (OrderedDict(a=1), "OrderedDict is not json"),
        (Pair(1, 2), "Pair is not json"),
        (Point(1), "Point is not json"),
        (_tower(255), "nesting exceeds 254"),
        (_ring(), "nesting exceeds 254"),
    ],
    ids=lambda case: repr(case)[:40],
)
def test_what_is_no_json_has_no_canonical_form_wherever_it_stands(value, reason):
    for place in (value, [value], {"a": [None, 1.5, value]}, ("x", {"b": value})):
        with pytest.raises(CanonicalJsonError) as refusal:
            canonical(place)

        assert refusal.value.code == "json_not_canonicalizable"
        assert str(refusal.value) == f"failed to canonicalize json: {reason}"


@pytest.mark.parametrize("value", ["\ud800", 2**64, -(2**63) - 1], ids=ascii)
@pytest.mark.parametrize("write", [canonical_finite, canonical_scalar])
def test_the_short_ways_refuse_what_they_still_see(write, value):
    with pytest.raises(CanonicalJsonError):
        write(value)


def test_a_value_may_be_nested_as_deep_as_the_limit():
    assert canonical(_tower(254)) == b"[" * 254 + b"1" + b"]" * 254


@given(_values(INTEGERS))
@example(2.0**63)
@example(-(2.0**63))
@example([1e16, 1e20, 123456789012345678.0])
def test_canonical_kinds_are_what_a_reader_of_the_canonical_bytes_gets(value):
    """Deviation S10."""
    assert structural_equal(canonical_kinds(value), parse(canonical(value)))


@given(_values(INTEGERS))
def test_canonical_kinds_copy_nothing_that_does_not_change(value):
    seen = canonical_kinds(value)

    assert canonical_kinds(seen) is seen


@pytest.mark.parametrize("value", [{"a": [1, {"b": 1.5, "c": None}]}, [], {}, "x", 7, True, None, 1.5])
def test_a_value_with_canonical_kinds_comes_back_itself(value):
    assert canonical_kinds(value) is value


def test_canonical_kinds_leave_their_argument_alone():
    value = {"a": [1.0, {"b": -0.0}], "c": (1,)}

    seen = canonical_kinds(value)

    assert (repr(seen), repr(value)) == (
        "{'a': [1, {'b': 0}], 'c': [1]}",
        "{'a': [1.0, {'b': -0.0}], 'c': (1,)}",
    )


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_float_that_is_not_finite_has_no_canonical_kind(number):
    with pytest.raises(CanonicalJsonError, match="non-finite float"):
        canonical_number(number)
