"""The events of ``go test -json``."""

import pytest

from decision_gate.core.json import plain
from decision_gate.mcp.evidence.report.errors import ReportError
from decision_gate.mcp.evidence.report.readers.go_test import read_go_test


def document(*events):
    return b"".join(
        plain({"Action": action, "Package": package, **({} if test is None else {"Test": test})}) + b"\n"
        for action, package, test in events
    )


def cases(content):
    return [(case.suite, case.name, case.outcome.name.lower()) for case in read_go_test(content).tests]


def test_every_test_and_subtest_that_ended_is_a_case_and_parents_too():
    content = document(
        ("start", "p", None),
        ("run", "p", "A"),
        ("run", "p", "A/x"),
        ("output", "p", "A/x"),
        ("fail", "p", "A/x"),
        ("fail", "p", "A"),
        ("skip", "p", "B"),
        ("pass", "p", "C"),
        ("run", "p", "BenchmarkD"),
        ("fail", "p", None),
    )

    assert cases(content) == [
        ("p", "A/x", "failed"),
        ("p", "A", "failed"),
        ("p", "B", "skipped"),
        ("p", "C", "passed"),
    ]


def test_a_package_that_fails_while_no_test_did_is_one_error():
    content = document(("start", "p", None), ("pass", "p", "A"), ("fail", "p", None), ("skip", "q", None))

    assert cases(content) == [("p", "A", "passed"), ("p", "TestMain", "errored")]


def test_a_package_may_be_tested_twice_and_fails_by_its_own_tests():
    content = document(("fail", "p", "A"), ("fail", "p", None), ("pass", "p", "A"), ("fail", "p", None))

    assert [outcome for _suite, _name, outcome in cases(content)] == ["failed", "passed", "errored"]


def test_events_of_the_build_name_no_package():
    content = b'{"ImportPath":"p","Action":"build-fail"}\n\n' + document(("fail", "p", None))

    assert cases(content) == [("p", "TestMain", "errored")]


def test_the_time_is_that_of_the_first_event():
    content = (
        b'{"Time":"2026-01-02T00:00:02Z","Action":"start","Package":"p"}\n'
        b'{"Time":"2026-01-02T00:00:01.5Z","Action":"pass","Package":"p","Elapsed":0.25,"Test":"A"}\r\n'
        b'{"Action":"pass","Package":"p"}'
    )
    report = read_go_test(content)

    assert (report.generated_at, report.tests[0].seconds) == ("2026-01-02T00:00:01.5Z", 0.25)


@pytest.mark.parametrize(
    "content",
    [
        document(("start", "p", None)),
        b'{"ImportPath":"p","Action":"build-fail"}\n',
        b'{"ImportPath":"q","Action":"build-fail"}\n' + document(("pass", "p", None)),
        document(("pass", "p", "A")),
        document(("pass", "p", None), ("output", "p", None)),
        b"FAIL p [build failed]\n",
        b"[]\n",
        b'{"Package":"p"}\n',
        b'{"Action":1}\n',
        b'{"Action":"pass","Action":"fail"}\n',
        b'{"Action":"pass","Package":["p"]}\n',
    ],
)
def test_a_line_that_is_no_event_and_a_package_that_did_not_end_are_refused(content):
    with pytest.raises(ReportError) as caught:
        read_go_test(content)

    assert caught.value.code == "report_invalid"
