"""YAML as the ``json`` provider reads it (contract §1.4, deviation X13)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.mcp.evidence.yaml_document import MAX_DEPTH, MAX_TAG_DIRECTIVES, parse_yaml
from decision_gate.mcp.evidence.yaml_errors import YamlDocumentError


def read(text):
    try:
        return parse_yaml(text)
    except YamlDocumentError as error:
        return error.code


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "off",
        "Yes",
        "tRue",
        "nil",
        "010",
        "08",
        "1_000",
        "12:30:45",
        "2024-01-02",
        "2024-01-02T00:00:00Z",
        "0o18",
        "0x",
        "0xG",
        "0b2",
        "+-1",
        "++1",
        ".",
        "e5",
        "1e",
        "inf",
        "nan",
        "infinity",
        "+.nan",
        "1.2.3",
        "00",
        "-00",
        "-010",
        "<<x",
        "0x_1",
        "1__2",
        "nUll",
        "True1",
        "Inf",
    ],
)
def test_plain_scalars_that_only_look_special_are_text(text):
    assert read(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((name, True) for name in ("true", "True", "TRUE")),
        *((name, False) for name in ("false", "False", "FALSE")),
        *((name, None) for name in ("", "~", "null", "Null", "NULL")),
        ("0o10", 8),
        ("0x1F", 31),
        ("0b101", 5),
        ("+0x1f", 31),
        ("-0x1F", -31),
        ("-0b1", -1),
        ("+5", 5),
        ("-0", 0),
        ("18446744073709551615", 18446744073709551615),
        ("-9223372036854775808", -9223372036854775808),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("1.", 1.0),
        (".5", 0.5),
        ("+.5", 0.5),
        ("-.5", -0.5),
        ("00.5", 0.5),
        ("1e-400", 0.0),
        ("1.0", 1.0),
    ],
)
def test_plain_scalars_of_the_core_schema_have_its_values(text, value):
    """Compared as text, so that ``1`` and ``1.0`` differ."""
    assert repr(read(f"a: {text}")) == repr({"a": value})


@pytest.mark.parametrize(
    "text",
    [
        ".inf",
        "-.inf",
        "+.Inf",
        ".INF",
        ".nan",
        ".NaN",
        ".NAN",
        "!!float .inf",
        "1e400",
        "-1e400",
        "!!float 1e400",
        "!!float '1e400'",
        "18446744073709551616",
        "9" * 5000,
        "-9223372036854775809",
        "0x10000000000000000",
        "!t x",
        "! x",
        "!!int a",
        "!!int 010",
        "!!bool yes",
        "!!null x",
        "!!null ''",
        "!!float x",
        "!t [1]",
        "!t {a: 1}",
        "*missing",
    ],
)
def test_scalars_without_a_json_value_are_refused(text):
    assert read(f"a: {text}") == "invalid_yaml"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment\n", None),
        ("---\n", None),
        ("bare", "bare"),
        ("a: 1\n...\n", {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("%YAML 1.1\n---\na: yes", {"a": "yes"}),
        ("1: a", {"1": "a"}),
        ("~: a", {"~": "a"}),
        ("true: a\n'': b", {"true": "a", "": "b"}),
        ("{a, b: 1}", {"a": None, "b": 1}),
        ("[a, [b], {c: d}]", ["a", ["b"], {"c": "d"}]),
        ("base: &b {x: 1}\nuse:\n  <<: *b\n  y: 2", {"base": {"x": 1}, "use": {"<<": {"x": 1}, "y": 2}}),
        ("- &a one\n- *a\n- &a two\n- *a", ["one", "one", "two", "two"]),
        ("k: &k name\n*k : v", {"k": "name", "name": "v"}),
        ("!!str 12", "12"),
        ("!!str", ""),
        ("!!int '12'", 12),
        ("!!float 1", 1.0),
        ("!!float 010", 10.0),
        ("!!binary aGk=", "aGk="),
        ("!!timestamp 2024-01-02", "2024-01-02"),
        ("!!set {a}", {"a": None}),
        ("!!null null", None),
        ("'true'", "true"),
        ('"1"', "1"),
        ("|\n one\n two\n", "one\ntwo\n"),
        (">-\n one\n two\n", "one two"),
        ('"\\u00e9\\x41"', "éA"),
    ],
)
def test_documents_read_as_the_contract_says(text, value):
    assert repr(read(text)) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "1: a\n'1': b",
        "{a: 1, 'a': 1}",
        "? [a]\n: b",
        "? {a: b}\n: c",
        "a: 1\n---\nb: 2",
        "---\n---\n",
        "a: [",
        "a: b: c",
        "\ta: 1",
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        "a\x00b",
        "a: \x01",
        "&a [*a]",
        "&a {k: *a}",
    ],
)
def test_documents_that_two_readers_could_read_apart_are_refused(text):
    assert read(text) == "invalid_yaml"


@pytest.mark.parametrize("source", [b"\xff", b"a: \xc3", "a: \ud800", "a: 1".encode("utf-16")])
def test_bytes_that_are_not_utf8_are_refused(source):
    assert read(source) == "invalid_yaml"


def test_an_error_names_the_line_and_the_repeated_key():
    with pytest.raises(YamlDocumentError) as caught:
        parse_yaml("a: 1\nb: 2\na: 3\n")

    assert (caught.value.reason, caught.value.line) == ("duplicate key 'a'", 3)


@pytest.mark.parametrize("opening", ["[", "- ", "{a: "])
def test_nesting_ends_at_the_limit(opening):
    closing = {"[": "]", "- ": "", "{a: ": "}"}[opening]

    def nested(depth):
        return read(opening * depth + "1" + closing * depth)

    assert nested(MAX_DEPTH) != "invalid_yaml"
    assert nested(MAX_DEPTH + 1) == "invalid_yaml"


def test_nesting_through_aliases_counts_as_nesting():
    half = MAX_DEPTH // 2 + 1
    text = f"- &a {'[' * half}1{']' * half}\n- {'[' * half}*a{']' * half}"

    assert read(text) == "invalid_yaml"


def test_aliases_that_multiply_are_refused_in_time():
    laughs = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    laughs += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    assert read("\n".join(laughs)) == "invalid_yaml"


def test_aliases_of_one_long_text_are_refused():
    assert read(f"- &a {'x' * 100_000}\n" + "- *a\n" * 100) == "invalid_yaml"


def test_each_alias_is_a_copy():
    first, second = parse_yaml("- &a [1]\n- *a")

    assert first == second
    assert first is not second


def test_more_tag_directives_than_the_limit_are_refused():
    def directives(count):
        return read("".join(f"%TAG !t{n}! x\n" for n in range(count)) + "--- a")

    assert directives(MAX_TAG_DIRECTIVES) == "a"
    assert directives(MAX_TAG_DIRECTIVES + 1) == "invalid_yaml"


def json_value(value):
    return value is None or isinstance(value, bool | int | float | str | list | dict)


FRAGMENTS = st.sampled_from(
    [
        "a: ",
        "- ",
        "b",
        "1",
        "\n",
        "\n  ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "? ",
        "'x'",
        '"y"',
        "# c",
        "|\n  ",
        ">\n  ",
        "&x ",
        "*x",
        "!t ",
        "!!int ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "\t",
        "~",
        ".inf",
        "1e3",
        "\ufeff",
        "<<: ",
        ":",
        "@",
        "%",
        "\\",
        "\x85",
        "\u2028",
        "\x01",
        "\r\n",
        "é",
        "�",
    ]
)


@given(st.lists(FRAGMENTS, max_size=16).map("".join) | st.text(max_size=30) | st.binary(max_size=30))
def test_any_source_is_a_json_value_or_refused(source):
    found = read(source)

    assert found == "invalid_yaml" or json_value(found)
