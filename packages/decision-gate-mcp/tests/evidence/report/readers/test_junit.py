"""JUnit: the cases decide, and declared totals may only be smaller."""

import pytest

from decision_gate.mcp.evidence.report.errors import ReportError
from decision_gate.mcp.evidence.report.facts import Outcome
from decision_gate.mcp.evidence.report.readers.junit import read_junit


def cases(body):
    return [(case.suite, case.name, case.outcome.name.lower()) for case in read_junit(body.encode()).tests]


def refusal(body):
    with pytest.raises(ReportError) as caught:
        read_junit(body.encode())
    return caught.value.code


@pytest.mark.parametrize(
    ("children", "outcome"),
    [
        ("", Outcome.PASSED),
        ("<system-out/><properties><property name='failure' value='x'/></properties>", Outcome.PASSED),
        ("<failure/>", Outcome.FAILED),
        ("<error/>", Outcome.ERRORED),
        ("<skipped/>", Outcome.SKIPPED),
        ("<failure/><error/>", Outcome.ERRORED),
        ("<failure/><error/><skipped/>", Outcome.SKIPPED),
        ("<failure/><failure/>", Outcome.FAILED),
        ("<flakyFailure/>", Outcome.PASSED),
        ("<flakyError/>", Outcome.PASSED),
        ("<failure/><rerunFailure/><rerunError/>", Outcome.FAILED),
        ("<properties><failure/></properties>", Outcome.PASSED),
    ],
)
def test_the_last_run_of_a_case_decides(children, outcome):
    assert read_junit(f"<testsuite><testcase name='a'>{children}</testcase></testsuite>".encode()).tests[0].outcome is (
        outcome
    )


@pytest.mark.parametrize(("status", "outcome"), [("notrun", "skipped"), ("disabled", "skipped"), ("run", "passed")])
def test_a_case_that_was_not_run_is_skipped(status, outcome):
    assert cases(f"<testsuite><testcase name='a' status='{status}'/></testsuite>") == [("", "a", outcome)]


def test_a_suite_is_the_class_or_the_innermost_testsuite():
    body = (
        "<testsuites name='all'><testsuite name='outer'><testcase classname='pkg.C' name='a'/>"
        "<testsuite name='inner'><testcase name='b'/><testcase classname='' name='c'/></testsuite></testsuite>"
        "<testcase name='d'/></testsuites>"
    )

    assert [(case.suite, case.name, set(case.enclosing)) for case in read_junit(body.encode()).tests] == [
        ("pkg.C", "a", {"outer", "all"}),
        ("inner", "b", {"inner", "outer", "all"}),
        ("inner", "c", {"inner", "outer", "all"}),
        ("all", "d", {"all"}),
    ]


@pytest.mark.parametrize(
    ("attributes", "body"),
    [
        ("", "<testcase/>"),
        ("tests='0' failures='0' errors='0'", "<testcase><failure/></testcase>"),
        ("tests='' failures=' '", "<testcase/>"),
        ("tests='1' failures='1'", "<testcase><error/></testcase>"),
        ("tests='1' failures='1' errors='1'", "<testcase><failure/><error/></testcase>"),
        ("failures='1'", "<testcase><failure/><skipped/></testcase>"),
        ("tests='2'", "<testcase/><testsuite tests='9'><testcase/></testsuite>"),
    ],
)
def test_totals_that_are_shown_or_smaller_are_no_contradiction(attributes, body):
    assert cases(f"<testsuite {attributes}>{body}</testsuite>")


@pytest.mark.parametrize(
    "body",
    [
        "<testsuite failures='1'><testcase/></testsuite>",
        "<testsuite errors='1'><testcase/></testsuite>",
        "<testsuite failures='1' errors='1'><testcase><failure/></testcase></testsuite>",
        "<testsuites><testsuite failures='1'><testcase/></testsuite></testsuites>",
        "<testsuites failures='1'><testsuite><testcase/></testsuite></testsuites>",
        "<testsuite tests='2'><testcase/></testsuite>",
        "<testsuite tests='1'/>",
        "<testsuites tests='3'><testsuite><testcase/><testcase/></testsuite></testsuites>",
        "<testsuites><testsuite tests='3'><testcase/><testcase/></testsuite></testsuites>",
        "<testsuite tests='3' skipped='1'><testcase/></testsuite>",
        "<testsuite tests='2' skipped='1'><testcase><skipped/></testcase></testsuite>",
        "<testsuite tests='99999999' skipped='99999999'/>",
    ],
)
def test_totals_that_are_larger_than_what_is_shown_are_a_contradiction(body):
    assert refusal(body) == "report_inconsistent"


@pytest.mark.parametrize(
    "body",
    [
        "<testsuite name='s' tests='3' skipped='2'><testcase classname='s' name='a'/></testsuite>",
        "<testsuites tests='3'><testsuite name='s' skipped='2'><testcase name='a'/></testsuite></testsuites>",
        "<testsuites><testsuite name='s' tests='3' skipped='2'><testcase name='a'/></testsuite></testsuites>",
        (
            "<testsuites><testsuite tests='3' skipped='2'>"
            "<testsuite name='s' tests='3' skipped='2'><testcase name='a'/></testsuite></testsuite></testsuites>"
        ),
    ],
)
def test_missing_cases_that_skipped_accounts_for_are_skipped_cases(body):
    found = cases(body)

    assert found[0] == ("s", "a", "passed")
    assert [(name, outcome) for _suite, name, outcome in found[1:]] == [(None, "skipped")] * 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0.5", "0.5"),
        ("1,234.5", "1234.5"),
        ("12,345,678", "12345678"),
        ("1e-3", "0.001"),
        ("", None),
        ("NaN", None),
        ("0,012", None),
        ("12,5", None),
        ("1,23,456.0", None),
    ],
)
def test_times_are_exact_where_they_are_numbers(text, seconds):
    body = f"<testsuite><testcase name='a' time='{text}'/></testsuite>"
    found = read_junit(body.encode()).tests[0].seconds

    assert (None if found is None else f"{found.normalize():f}") == seconds


@pytest.mark.parametrize(
    ("times", "earliest"),
    [
        ([], None),
        (["2026-01-02T00:00:00Z"], "2026-01-02T00:00:00Z"),
        (["2026-01-02T00:00:00Z", "2026-01-02T00:30:00+01:00"], "2026-01-02T00:30:00+01:00"),
        (["2026-01-02T00:00:00"], None),
        (["2026-01-02T00:00:00Z", "2026-01-01T00:00:00"], None),
    ],
)
def test_the_time_is_that_of_the_earliest_suite(times, earliest):
    suites = "".join(f"<testsuite timestamp='{time}'/>" for time in times)

    assert read_junit(f"<testsuites>{suites}</testsuites>".encode()).generated_at == earliest


@pytest.mark.parametrize(
    "body",
    [
        "<report/>",
        "<testcase/>",
        "<testsuite><group><testcase/></group></testsuite>",
        "<testsuite><testcase><testcase/></testcase></testsuite>",
        "<testsuite><testcase><testsuite/></testcase></testsuite>",
        "<testsuite tests='many'/>",
        "<testsuite failures='-1'/>",
        "<testsuite><testcase></testsuite>",
    ],
)
def test_what_is_no_junit_is_refused(body):
    assert refusal(body) == "report_invalid"
