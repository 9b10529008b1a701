"""Every row of the dialect table (contract §1.5), and answers of the library that the dialect comes from."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.mcp.evidence.jsonpath import JsonPathError, compile_path, select
from decision_gate.mcp.evidence.jsonpath.parser import MAX_NESTING

ITEMS = [
    {"id": 1, "n": "one", "ok": True, "tags": ["t1", "t2"]},
    {"id": 2, "n": "two", "ok": False, "tags": []},
    {"id": 3, "n": "three", "nest": {"id": 9}},
]
SAMPLE = {
    "a": 1,
    "t": True,
    "b": {"c": "x", "d": [10, 20, 30, 40, 50]},
    "items": ITEMS,
    "k-1": "dash",
    "é": "accent",
    "_u": "underscore",
    "0": "digit",
    "$x": "dollar",
    "q'q": "single",
    'd"q': "double",
    "big": 12345678901234567890,
}
FIVE = [10, 20, 30, 40, 50]
RECORDED = json.loads(Path(__file__).with_name("recorded_answers.json").read_text(encoding="utf-8"))


def answer(path, document):
    try:
        return select(compile_path(path), document)
    except JsonPathError as error:
        return error.code


@pytest.mark.parametrize(
    "path",
    [
        " $.a",
        "a",
        ".a",
        "@.a",
        "",
        "$.",
        "$..",
        "$.a..",
        "$...a",
        "$.a.$",
        "$. a",
        "$[b]",
        "$[a,t]",
        "$.b[c]",
        "$[]",
        "$[",
        "[",
        "$[1.0]",
        "$[0:5:-1]",
        "$[0:5:0]",
        "$.b.d[::0]",
        "$[9223372036854775808]",
        "$$",
        "$x",
    ],
)
def test_text_that_is_no_path_of_the_dialect_is_invalid(path):
    assert answer(path, SAMPLE) == "invalid_jsonpath"


@pytest.mark.parametrize(
    "condition",
    [
        "!@.nest",
        "@.n=~'o'",
        "@.id in [1]",
        "@.nest==null",
        "@.id=1",
        "true",
        "1",
        "'x'",
        "@.id==",
        "@['id','n']==1",
        "$.a==1",
        "@.id==-inf",
        "@.id==1e999",
        "@.id==nan",
        "@.id==1.",
        "@.items[0:1]",
        "@.items[0,1]",
    ],
)
def test_filters_outside_the_dialect_are_invalid(condition):
    assert answer(f"$.items[?({condition})]", SAMPLE) == "invalid_jsonpath"


@pytest.mark.parametrize("path", ["$.items[?@.id==2]", "$.items[(@.length-1)]", "$.items[?(@.id==2]"])
def test_filters_need_their_parentheses(path):
    assert answer(path, SAMPLE) == "invalid_jsonpath"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", [SAMPLE]),
        ("$.a ", [1]),
        ("$ .a", [SAMPLE]),
        ("$.a]", [1]),
        ("$.a)", [1]),
        ("$.a!", [1]),
        ("$.a,b", [1]),
        ("$.a$", [1]),
        ("$.a;b", []),
        ("$.a/b", []),
        ("$.a#", []),
        ("$.k-1", ["dash"]),
        ("$.é", ["accent"]),
        ("$._u", ["underscore"]),
        ("$.0", ["digit"]),
        ("$.$x", ["dollar"]),
        ("$.big", [12345678901234567890]),
        ("$[0]", [ITEMS[0]]),
        ("$.b[0]", [10]),
        ("$.b[*]", ["x", FIVE]),
        ("$.b.*", ["x", FIVE]),
        ("$.items.id", []),
        ("$.items[*].tags[0]", ["t1"]),
        ("$.items[0:2][0]", ["t1"]),
        ("$.items[0]['id','n']", [1, "one"]),
        ("$['a','missing']", [1]),
        ("$..id", [1, 2, 3, 9]),
        ("$..[0]", [10, ITEMS[0], "t1"]),
        ("$..['id']", [1, 2, 3, 9]),
        ("$.items.length", []),
        ("$.items.length()", []),
        ("$['q\\'q']", ["single"]),
        ('$["d\\"q"]', ["double"]),
        ('$["q\'q"]', ["single"]),
        ("$['d\"q']", ["double"]),
    ],
)
def test_paths_select_what_the_table_says(path, expected):
    assert answer(path, SAMPLE) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$[01]", [20]),
        ("$[+1]", [20]),
        ("$[5]", []),
        ("$[-1]", [50]),
        ("$[-5]", [10]),
        ("$[-6]", [10]),
        ("$[0,0]", [10, 10]),
        ("$[-2:]", [40, 50]),
        ("$[:-1]", [10, 20, 30, 40]),
        ("$[0:99]", FIVE),
        ("$[3:1]", []),
        ("$[1:1]", []),
        ("$[0:5:2]", [10, 30, 50]),
        ("$[::2]", [10, 30, 50]),
        ("$[ 1 ]", [20]),
        ("$[1 :3]", [20, 30]),
        ("$[?(@>20)]", []),
        ("$[?(1==1)]", [FIVE]),
    ],
)
def test_indices_and_slices_clamp_at_the_ends(path, expected):
    assert answer(path, FIVE) == expected


def test_an_index_on_an_object_looks_into_all_its_arrays():
    assert answer("$[0]", {"a": [1, 2], "b": 5, "c": [3]}) == [1, 3]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.items[?(@.id==2)]", [ITEMS[1]]),
        ("$.items[?(@.id==2.0)]", [ITEMS[1]]),
        ("$.items[?(2==@.id)]", [ITEMS[1]]),
        ("$.items[?(2<@.id)].id", [3]),
        ("$.items[?(@.id=='1')]", []),
        ("$.items[?(@.n>'one')].n", ["two", "three"]),
        ("$.items[?(@.ok)].id", [1, 2]),
        ("$.items[?(@.ok==true)].id", [1]),
        ("$.items[?(@.id==$.a)].id", [1]),
        ("$.items[?($.a==@.id)].id", [1]),
        ("$.items[?(@.id>1 && @.id<3)].id", [2]),
        ("$.items[?(@.id==1 || (@.id==3))].id", [1, 3]),
        ("$.items[?(@.nest.id==9)].id", [3]),
        ("$.items[?(1==1)]", [ITEMS]),
        ("$.items[?(@.tags[0]=='t1')]", []),
        ("$.b.d[?(@>20)]", []),
        ("$.b[?(@.c=='x')]", [SAMPLE["b"]]),
    ],
)
def test_filters_compare_as_the_table_says(path, expected):
    assert answer(path, SAMPLE) == expected


@pytest.mark.parametrize(
    "row",
    RECORDED["rows"],
    ids=lambda row: f"{row['document']}-{row['path']}".encode("unicode_escape").decode(),
)
def test_answers_are_those_the_original_library_gave(row):
    """Compared as text, so that ``1`` and ``1.0`` differ."""
    expected = row.get("answer", "invalid_jsonpath")

    found = answer(row["path"], RECORDED["documents"][row["document"]])

    assert repr(found) == repr(expected)


@pytest.mark.parametrize(("nested", "expected"), [(MAX_NESTING - 1, [[]]), (MAX_NESTING, "invalid_jsonpath")])
def test_parentheses_nest_up_to_a_limit(nested, expected):
    assert answer(f"$[?({'(' * (nested - 1)}1==1{')' * (nested - 1)})]", []) == expected


def test_a_path_that_multiplies_its_matches_is_refused_in_time():
    document = 1
    for _ in range(120):
        document = [document, document]

    assert answer("$" + "..*" * 20, document) == "invalid_jsonpath"


@pytest.mark.parametrize("condition", ["@.x>=0 && @.y==1", "@.y==1 || @.x==7", "@.in.y==1"])
def test_filters_over_a_long_report_are_answered(condition):
    items = [{"x": n, "y": n % 2, "in": {"x": n, "y": n % 2}} for n in range(20_000)]

    assert answer(f"$[?({condition})].x", items)[-3:] == [19_995, 19_997, 19_999]


def test_a_filter_that_compares_everything_with_everything_is_refused_in_time():
    document = {"a": [{"x": n} for n in range(4000)]}

    assert answer("$.a[?(@.x!=$..x)]", document) == "invalid_jsonpath"


PIECES = st.sampled_from(
    [
        "$",
        "@",
        ".",
        "..",
        "[",
        "]",
        "*",
        "?(",
        ")",
        "(",
        ",",
        ":",
        "==",
        "!=",
        "<",
        ">=",
        "&&",
        "||",
        "'",
        '"',
        "\\",
        " ",
        "a",
        "b",
        "0",
        "-1",
        "1.5",
        "true",
        "'a'",
        "[0]",
        "['a']",
        "[?(@.a==1)]",
        "=",
        "&",
        "\x1c",
        "\u3000",
        "é",
    ]
)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from(["a", "b", ""]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc0"), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=20), DOCUMENTS)
def test_any_text_selects_nodes_of_the_document_or_is_invalid(path, document):
    found = answer("$" + path, document)

    assert found == "invalid_jsonpath" or isinstance(found, list)
