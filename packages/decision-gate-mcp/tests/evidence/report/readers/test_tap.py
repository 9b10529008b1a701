"""TAP: leaves are counted, plans must hold."""

import pytest

from decision_gate.mcp.evidence.report.errors import ReportError
from decision_gate.mcp.evidence.report.readers.tap import MAX_DEPTH, read_tap


def cases(text):
    return [(case.suite, case.name, case.outcome.name.lower()) for case in read_tap(text.encode()).tests]


def refusal(text):
    with pytest.raises(ReportError) as caught:
        read_tap(text.encode())
    return caught.value.code


@pytest.mark.parametrize(
    ("line", "case"),
    [
        ("ok", ("", "", "passed")),
        ("ok 7 - name", ("", "name", "passed")),
        ("ok 7 name", ("", "name", "passed")),
        ("ok - name", ("", "name", "passed")),
        ("not ok 1 - name", ("", "name", "failed")),
        ("ok 1 - name # SKIP why", ("", "name", "skipped")),
        ("not ok 1 - name # skip", ("", "name", "skipped")),
        ("not ok 1 - name # TODO", ("", "name", "skipped")),
        ("ok 1 - name # Skipped: why", ("", "name", "skipped")),
        ("ok 1 # SKIP", ("", "", "skipped")),
        ("ok 1 - name \\# SKIP", ("", "name # SKIP", "passed")),
        ("ok 1 - issue #12", ("", "issue #12", "passed")),
        ("ok 1 - name # time=5.2ms", ("", "name", "passed")),
        ("ok 1 - a-b - c", ("", "a-b - c", "passed")),
    ],
)
def test_a_point_is_a_case(line, case):
    assert cases(f"{line}\n1..1\n") == [case]


def test_a_version_is_not_required_and_numbers_are_not_compared():
    assert cases("TAP version 14\n1..2\nok 5\nok 5") == cases("1..2\nok\nok") == [("", "", "passed")] * 2


def test_the_point_that_closes_a_subtest_is_none():
    text = """TAP version 14
# Subtest: outer
    # Subtest: inner
        ok 1 - a
        not ok 2 - b
        1..2
    not ok 1 - inner
    ok 2 - c
    1..2
not ok 1 - outer
ok 2 - d
1..2
"""
    found = read_tap(text.encode()).tests

    assert [(case.suite, case.name, case.enclosing) for case in found] == [
        ("inner", "a", ("inner", "outer")),
        ("inner", "b", ("inner", "outer")),
        ("outer", "c", ("outer",)),
        ("", "d", ()),
    ]


def test_a_subtest_in_braces_is_closed_by_its_brace():
    text = "1..2\nnot ok 1 - outer # time=3ms {\n    1..1\n    not ok 1 - a\n}\nok 2 - b\n"

    assert cases(text) == [("outer", "a", "failed"), ("", "b", "passed")]


def test_a_closing_point_that_fails_alone_is_an_error_of_its_own():
    text = "# Subtest: s\n    ok 1 - a\n    1..1\nnot ok 1 - s\n1..1\n"

    assert cases(text) == [("s", "a", "passed"), ("", "s", "errored")]


@pytest.mark.parametrize(
    "closing", ["not ok 1 - s # TODO", "ok 1 - s", "not ok 1 - s # SKIP"], ids=["todo", "ok", "skip"]
)
def test_a_closing_point_that_may_fail_says_nothing(closing):
    assert cases(f"    ok 1 - a\n    1..1\n{closing}\n1..1\n") == [("s", "a", "passed")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1..0 # SKIP no database", [("", "SKIP no database", "skipped")]),
        ("1..0", []),
        ("    1..0 # skip why\nok 1 - s # SKIP\n1..1\n", [("s", "skip why", "skipped")]),
        ("    1..0\nok 1 - s\n1..1\n", []),
    ],
)
def test_a_plan_of_nothing_is_one_skipped_case_when_it_says_so(text, expected):
    assert cases(text) == expected


def test_a_yaml_block_says_nothing_but_how_long_it_took():
    text = """ok 1 - a
  ---
  duration_ms: 1500
  output: |
    not ok 9 - x
  1..9
Bail out!
  not: ok
  ...
1..1
"""
    (case,) = read_tap(text.encode()).tests

    assert (case.name, case.seconds) == ("a", 1.5)


def test_lines_that_are_no_tap_say_nothing():
    assert cases("hello\nokay\n  ok 1 - two spaces\n\tok 1\n# ok 1\nok 1 - a\npragma +strict\n1..1\n}\n") == [
        ("", "a", "passed")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok 1\n",
        "1..2\nok 1\n",
        "1..1\nok 1\nok 2\n",
        "1..1\nok 1\n1..1\n",
        "1..0 # SKIP\nok 1\n",
        "    ok 1\n    1..2\nok 1\n1..1\n",
        "    ok 1\nok 1\n1..1\n",
        "    ok 1\n    1..1\n1..0\n",
        "ok 1 - s {\n    ok 1\n    1..1\n1..1\n",
        "        ok 1\n        1..1\nok 1\n1..1\n",
    ],
)
def test_a_plan_that_is_missing_second_or_contradicted_is_inconsistent(text):
    assert refusal(text) == "report_inconsistent"


@pytest.mark.parametrize(
    "text",
    [
        "1..2\nok 1\nBail out! no database\n",
        "    Bail out!\n",
        "1..1\nok 1\n  ---\n  a: 1\n",
        " " * 4 * (MAX_DEPTH + 1) + "ok 1\n",
    ],
)
def test_what_is_no_report_is_refused(text):
    assert refusal(text) == "report_invalid"
