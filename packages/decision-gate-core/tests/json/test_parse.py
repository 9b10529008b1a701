"""Strict parsing: what is read, what is refused, and that the fast way decides as the exact scanner does."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from decision_gate.core.json import ABSENT, JsonParseError, canonical, parse, read_canonical, structural_equal
from decision_gate.core.json.scan import scan

SPACES = st.text(alphabet=" \t\n\r", max_size=2)
# Keys are few and spelled in several ways, so that duplicates are common.
KEYS = st.sampled_from(['"a"', '"b"', '"\\u0061"', '":"', '"\\u003a"', '"\\u003A"', '""', '"é"', '"😀"'])
SCALARS = st.one_of(
    st.sampled_from(
        [
            "null",
            "true",
            "false",
            "-0",
            "-0.0",
            "0",
            "1",
            "1.0",
            "-1",
            "1e2",
            "1E+2",
            "1e-400",
            "-1e-400",
            "1e308",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            '"-0,"',
            '"x:y"',
            '"\\\\u003a"',
            '"\\ud83d\\ude00"',
            '"\\n\\/\\""',
            '"[[{"',
            '"\x7f\u2028"',
        ]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(2**70), 2**70).map(str),
    KEYS,
)
BROKEN = st.sampled_from(
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "01",
        "-",
        "-01",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e+",
        "1e400",
        "-1e400",
        "tru",
        "nulll",
        '"',
        '"\\x"',
        '"\\u12"',
        '"\\ud800"',
        '"\\udc00"',
        '"\\ud800\\ud800"',
        '"\t"',
        "'a'",
        "\ufeff",
        "//",
        "",
        ",",
        "}",
    ]
)


def _array(items):
    return items.map(lambda parts: "[" + ",".join(parts) + "]")


def _object(values):
    member = st.tuples(SPACES, KEYS, SPACES, values).map(lambda parts: f"{parts[0]}{parts[1]}{parts[2]}:{parts[3]}")
    return st.lists(member, max_size=4).map(lambda members: "{" + ",".join(members) + "}")


def _texts(scalars):
    def contain(inner):
        spaced = st.tuples(SPACES, inner, SPACES).map("".join)
        return _array(st.lists(spaced, max_size=4)) | _object(spaced)

    return st.recursive(scalars, contain, max_leaves=12)


TEXTS = st.one_of(_texts(SCALARS), _texts(SCALARS | BROKEN))


def _oracle(text):
    """Read with the standard library's scanner and strict hooks; raise ValueError for what must be refused."""

    def integer(literal):
        value = int(literal)
        return value if -(2**63) <= value < 2**64 and literal != "-0" else number(literal)

    def number(literal):
        value = float(literal)
        if math.isinf(value):
            raise ValueError(literal)
        return value

    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError(pairs)
        return dict(pairs)

    def constant(name):
        raise ValueError(name)

    value = json.loads(text, parse_int=integer, parse_float=number, parse_constant=constant, object_pairs_hook=members)
    repr_of_strings = json.dumps(value, ensure_ascii=False)
    repr_of_strings.encode()
    return value


def _outcome(read, text):
    try:
        value = read(text)
    except ValueError:
        return "refused"
    except JsonParseError:
        return "refused"
    return json.dumps(value)  # tells 0.0 from -0.0, 1 from 1.0, and keeps the order of members


@given(TEXTS)
@example('{"a":1,"b":":","c":"\\u003a","a":2}')
@example('{"a":":","a":"\\u003a"}')
@example("[-0]")
@example('"a-0"')
def test_a_text_is_read_or_refused_as_the_standard_library_with_strict_hooks_does(text):
    assert _outcome(parse, text) == _outcome(_oracle, text)


@given(TEXTS)
@example('{"a":":","a":"\\u003a"}')
def test_the_fast_way_gives_the_value_or_the_error_of_the_exact_scanner(text):
    def told(read):
        try:
            return json.dumps(read())
        except JsonParseError as error:
            return str(error)

    assert told(lambda: parse(text.encode())) == told(lambda: scan(text.encode(), 127))


@given(
    st.binary(max_size=12) | st.lists(st.sampled_from([b'"', b"\xff", b"\xed\xa0\x80", b"a", b"[", b"]"])).map(b"".join)
)
def test_any_bytes_are_read_or_refused_with_an_error_of_ours(raw):
    def told(read):
        try:
            return read()
        except JsonParseError as error:
            return [error.reason, error.line, error.column]

    assert structural_equal(told(lambda: parse(raw)), told(lambda: scan(raw, 127)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551616", 1.8446744073709552e19),
        ("-9223372036854775809", -9.223372036854775808e18),
        ("123456789012345678901234567890", 1.2345678901234568e29),
        ("1" + "0" * 300, 1e300),
        ("0." + "0" * 5000 + "1", 0.0),
        ("0." + "0" * 500 + "1e501", 1.0),
        ("10e1", 100.0),
        ("-0", -0.0),
        ("1e-400", 0.0),
        ("0e99999999999", 0.0),
        ("9007199254740993.0", 9007199254740992.0),
    ],
)
def test_a_number_has_the_kind_of_its_literal(text, value):
    """Contract §1.2."""
    for read in (parse(text), parse(f"[{text}]")[0], parse(f' [{text} , "-0"]')[0], scan(text.encode(), 127)):
        assert (type(read), repr(read)) == (type(value), repr(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "EOF while parsing a value at line 1 column 0"),
        (" ", "EOF while parsing a value at line 1 column 1"),
        ("[" * 128, "recursion limit exceeded at line 1 column 128"),
        ("[\n" * 127 + '{"a":1}', "recursion limit exceeded at line 128 column 1"),
        ("1e400", "number out of range at line 1 column 5"),
        ('{"n": -1e400}', "number out of range at line 1 column 12"),
        ("1" * 5000, "number out of range at line 1 column 5000"),
        ('{"a":1,\n "a":2}', "duplicate key `a` at line 2 column 4"),
        ('{"a":1,"\\u0061":2}', "duplicate key `a` at line 1 column 15"),
        ('{"a\\n`":1,"a\\n`":2}', "duplicate key `a\\n`` at line 1 column 16"),
        ("NaN", "expected value at line 1 column 1"),
        ("Infinity", "expected value at line 1 column 1"),
        ("-Infinity", "invalid number at line 1 column 2"),
        ("-", "EOF while parsing a value at line 1 column 1"),
        ("nul", "EOF while parsing a value at line 1 column 3"),
        ("nule", "expected ident at line 1 column 4"),
        ("01", "invalid number at line 1 column 2"),
        ("-01", "invalid number at line 1 column 3"),
        ("+1", "expected value at line 1 column 1"),
        (".5", "expected value at line 1 column 1"),
        ("1.", "EOF while parsing a value at line 1 column 2"),
        ("1.x", "invalid number at line 1 column 3"),
        ("1e", "EOF while parsing a value at line 1 column 2"),
        ("1e+x", "invalid number at line 1 column 4"),
        ("1 2", "trailing characters at line 1 column 3"),
        ("[1,]", "trailing comma at line 1 column 4"),
        ("[1 2]", "expected `,` or `]` at line 1 column 4"),
        ("[1", "EOF while parsing a list at line 1 column 2"),
        ("[1,", "EOF while parsing a value at line 1 column 3"),
        ('{"a":1,}', "trailing comma at line 1 column 8"),
        ('{"a":1 "b"', "expected `,` or `}` at line 1 column 8"),
        ('{"a" 1}', "expected `:` at line 1 column 6"),
        ("{'a':1}", "key must be a string at line 1 column 2"),
        ('{"a":1,2', "key must be a string at line 1 column 8"),
        ('{"a"', "EOF while parsing an object at line 1 column 4"),
        ('{"a":1', "EOF while parsing an object at line 1 column 6"),
        ('{"a":1,', "EOF while parsing a value at line 1 column 7"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        ('"a', "EOF while parsing a string at line 1 column 2"),
        ('"\\', "EOF while parsing a string at line 1 column 2"),
        ('"\\u12', "EOF while parsing a string at line 1 column 5"),
        ('"\\u12"xx', "invalid escape at line 1 column 7"),
        ('"\\x"', "invalid escape at line 1 column 3"),
        ('"\t"', "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 2"),
        ('"\n"', "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"),
        ('"\\ud800"', "unexpected end of hex escape at line 1 column 8"),
        ('"\\ud800\\n"', "unexpected end of hex escape at line 1 column 9"),
        ('"\\ud800\\ud800"', "lone leading surrogate in hex escape at line 1 column 13"),
        ('"\\udc00"', "lone leading surrogate in hex escape at line 1 column 7"),
        ('"é" x', "trailing characters at line 1 column 6"),
        ('"\ud800"', "invalid unicode code point at line 1 column 5"),
        ("\ufeff1", "expected value at line 1 column 1"),
        (b"\xff\xfe1\x00", "expected value at line 1 column 1"),
        (b'"\xff"', "invalid unicode code point at line 1 column 3"),
        (b'["\xff",1]', "invalid unicode code point at line 1 column 4"),
        ("[1,-0,x", "expected value at line 1 column 7"),
        (b'"\xc0\x80"', "invalid unicode code point at line 1 column 4"),
        ("/*x*/1", "expected value at line 1 column 1"),
        ("1\x00", "trailing characters at line 1 column 2"),
        ("\xa01", "expected value at line 1 column 1"),
    ],
)
def test_a_refusal_is_worded_and_placed_as_the_reference_words_and_places_it(text, message):
    """Contract §1.1; duplicate keys are deviation X13."""
    with pytest.raises(JsonParseError) as refusal:
        parse(text)

    assert (refusal.value.code, str(refusal.value)) == ("json_invalid", message)


def test_a_long_duplicate_key_is_cut_in_the_error():
    key = json.dumps("x" * 10_000)

    with pytest.raises(JsonParseError) as refusal:
        parse(f"{{{key}:1,{key}:2}}")

    assert refusal.value.reason == f"duplicate key `{'x' * 64}`"


def _nested(depth, leaf, opening="[", closing="]"):
    return opening * depth + leaf + closing * depth


@pytest.mark.parametrize("limit", [2, 64, 127, 254])
@pytest.mark.parametrize("leaf", ["1", ""])
@pytest.mark.parametrize("padding", ["", "[],{}," * 300])
def test_depth_is_counted_in_containers_to_the_one(limit, leaf, padding):
    """Contract §11.1: the container after the last allowed one is refused, however many there are beside it."""
    inside = _nested(limit - 1, leaf)

    assert parse(f'[{padding}"]]",{inside}]', max_depth=limit) == scan(f'[{padding}"]]",{inside}]'.encode(), limit)
    for text in (f"[{padding}[{inside}]]", _nested(limit + 1, "1"), _nested(limit, '{"a":1}'), "[" * 5000):
        with pytest.raises(JsonParseError, match="recursion limit exceeded"):
            parse(text, max_depth=limit)


def test_depth_of_objects_is_counted_too():
    assert parse(_nested(127, "1", '{"a":', "}")) == scan(_nested(127, "1", '{"a":', "}").encode(), 127)
    with pytest.raises(JsonParseError) as refusal:
        parse(_nested(128, "1", '{"a":', "}"))
    assert refusal.value.reason == "recursion limit exceeded"


@given(TEXTS)
@example("[1.0]")
@example("-0")
@example("1e21")
@example('{"b":1,"a":2}')
@example('{"a":1,"a":2}')
def test_a_canonical_text_is_read_as_every_text_is_and_no_other_is_read(text):
    raw = text.encode("utf-8", "surrogatepass")
    try:
        value = parse(raw)
    except JsonParseError:
        expected = ABSENT
    else:
        expected = value if canonical(value) == raw else ABSENT

    found = read_canonical(raw)

    assert found is ABSENT if expected is ABSENT else structural_equal(found, expected)


def test_a_canonical_text_is_read_to_the_depth_that_is_allowed():
    for depth, is_read in ((3, True), (4, False)):
        text = b"[" * depth + b"1" * 8 + b"]" * depth

        assert (read_canonical(text, max_depth=3) is not ABSENT) is is_read
