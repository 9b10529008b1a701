"""LCOV, Cobertura and JaCoCo: lines and branches of source files."""

import pytest

from decision_gate.mcp.evidence.report.errors import ReportError
from decision_gate.mcp.evidence.report.readers.cobertura import read_cobertura
from decision_gate.mcp.evidence.report.readers.jacoco import read_jacoco
from decision_gate.mcp.evidence.report.readers.lcov import read_lcov


def sources(report):
    """Return ``path: lines covered, lines, branches covered, branches``."""
    return {
        source.path: (source.lines_covered, source.lines_total, source.branches_covered, source.branches_total)
        for source in report.coverage
    }


def refusal(read, text):
    with pytest.raises(ReportError) as caught:
        read(text.encode())
    return caught.value.code


def classes(body, attributes=""):
    return f"<coverage {attributes}><packages><package><classes>{body}</classes></package></packages></coverage>"


def test_lcov_records_of_one_source_are_united_line_by_line():
    text = """TN:first
SF:src/a.c
DA:1,1
DA:2,0
DA:3,0,checksum
BRDA:1,0,0,1
BRDA:1,0,1,-
LF:3
LH:1
end_of_record
TN:second
SF:src/a.c
DA:2,5
DA:4,-1
BRDA:1,0,1,2
BRDA:4,0,jump to line 5, or not,0
end_of_record
SF:src/b.c
end_of_record
"""
    assert sources(read_lcov(text.encode())) == {"src/a.c": (2, 4, 2, 3), "src/b.c": (0, 0, 0, 0)}


@pytest.mark.parametrize("totals", ["LF:1\nLH:1", "LF:2\nLH:0", "LF:0", "LF:2\nLH:1\nBRF:9\nBRH:9"])
def test_lcov_totals_may_be_smaller_and_those_of_branches_do_not_count(totals):
    assert read_lcov(f"SF:a\nDA:1,1\nDA:2,0\n{totals}\nend_of_record".encode()).coverage


@pytest.mark.parametrize("totals", ["LF:3", "LH:2", "LF:2\nLH:2"])
def test_lcov_totals_that_are_larger_are_a_contradiction(totals):
    assert refusal(read_lcov, f"SF:a\nDA:1,1\nDA:2,0\n{totals}\nend_of_record") == "report_inconsistent"


@pytest.mark.parametrize(
    "text",
    [
        "SF:a\nDA:1,1\n",
        "SF:a\nSF:b\nend_of_record",
        "end_of_record",
        "DA:1,1",
        "SF:a\nDA:1\nend_of_record",
        "SF:a\nDA:x,1\nend_of_record",
        "SF:a\nDA:1,1e3\nend_of_record",
        "SF:a\nBRDA:1,0,0\nend_of_record",
        "SF:a\nBRDA:1,0,0,x\nend_of_record",
        "SF:a\nLF:many\nend_of_record",
        "SF:a\nhello\nend_of_record",
    ],
)
def test_what_is_no_lcov_is_refused(text):
    assert refusal(read_lcov, text) == "report_invalid"


def test_lcov_entries_that_say_nothing_of_lines_are_passed_over():
    text = "# comment\nTN:\nSF:a\nFN:1,f\nFNDA:1,f\nFNL:0,1\nMCDC:1,2,t,1,0,x\nVER:1\n\nDA:1,1\nend_of_record\n\n"

    assert sources(read_lcov(text.encode())) == {"a": (1, 1, 0, 0)}


def test_cobertura_lines_are_counted_once_however_often_they_stand_there():
    body = """
<class filename="a.py"><methods><method><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></method>
</methods><lines><line number="1" hits="1"/><line number="2" hits="0"/>
<line number="3" hits="2" branch="true" condition-coverage="50% (1/2)"/></lines></class>
<class filename="a.py"><lines><line number="2" hits="1"/>
<line number="3" hits="0" branch="true" condition-coverage="0% (0/2)"/></lines></class>
<class filename="b.py"><lines><line number="1" hits="0" branch="false" condition-coverage="100% (9/9)"/></lines></class>
"""
    report = read_cobertura(classes(body, "line-rate='1' lines-valid='6' lines-covered='3'").encode())

    assert sources(report) == {"a.py": (3, 3, 1, 2), "b.py": (0, 1, 0, 0)}


@pytest.mark.parametrize("totals", ["lines-valid='3'", "lines-covered='2'", "lines-valid='2' lines-covered='2'"])
def test_cobertura_totals_that_are_larger_are_a_contradiction(totals):
    body = "<class filename='a'><lines><line number='1' hits='1'/><line number='2' hits='0'/></lines></class>"

    assert read_cobertura(classes(body, "lines-valid='1' lines-covered='0'").encode()).coverage
    assert refusal(read_cobertura, classes(body, totals)) == "report_inconsistent"


@pytest.mark.parametrize(
    ("timestamp", "time"),
    [
        ("1700000000123", "2023-11-14T22:13:20.123Z"),
        ("0", "1970-01-01T00:00:00.000Z"),
        ("253402300799999", "9999-12-31T23:59:59.999Z"),
        ("253402300800000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_cobertura_times_are_milliseconds(timestamp, time):
    assert read_cobertura(f"<coverage timestamp='{timestamp}'/>".encode()).generated_at == time


@pytest.mark.parametrize(
    "text",
    [
        "<report/>",
        "<coverage><line number='1' hits='1'/></coverage>",
        "<coverage lines-valid='many'/>",
        classes("<class/>"),
        classes("<class filename='a'><class filename='b'/></class>"),
        classes("<class filename='a'><line number='1'/></class>"),
        classes("<class filename='a'><line number='x' hits='1'/></class>"),
        classes("<class filename='a'><line number='1' hits='1' branch='true' condition-coverage='50%'/></class>"),
        classes("<class filename='a'><line number='1' hits='1' branch='true' condition-coverage='(3/2)'/></class>"),
    ],
)
def test_what_is_no_cobertura_is_refused(text):
    assert refusal(read_cobertura, text) == "report_invalid"


def test_jacoco_counters_are_those_of_source_files():
    text = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="demo">
<sessioninfo id="one" start="1700000000000" dump="1700000001000"/>
<sessioninfo id="two" start="1700000000000" dump="1700000002000"/>
<group name="module"><package name="com/example">
<class name="com/example/A" sourcefilename="A.java"><method name="f" desc="()V" line="1">
<counter type="LINE" missed="7" covered="7"/></method><counter type="LINE" missed="7" covered="7"/></class>
<sourcefile name="A.java"><line nr="1" mi="0" ci="3" mb="1" cb="1"/>
<counter type="INSTRUCTION" missed="5" covered="5"/><counter type="BRANCH" missed="1" covered="1"/>
<counter type="LINE" missed="2" covered="3"/></sourcefile>
<sourcefile name="NoLines.java"/><counter type="LINE" missed="2" covered="3"/></package></group>
<package name=""><sourcefile name="B.java"><counter type="LINE" missed="0" covered="1"/></sourcefile></package>
<counter type="LINE" missed="2" covered="4"/></report>"""
    report = read_jacoco(text.encode())

    assert (sources(report), report.generated_at) == (
        {"com/example/A.java": (3, 5, 1, 2), "com/example/NoLines.java": (0, 0, 0, 0), "B.java": (1, 1, 0, 0)},
        "2023-11-14T22:13:22.000Z",
    )


@pytest.mark.parametrize(
    "text",
    [
        "<coverage/>",
        "<report><sourcefile name='a'/></report>",
        "<report><package name='p'><sourcefile name='a'><sourcefile name='b'/></sourcefile></package></report>",
        "<report><package><sourcefile><counter type='LINE' missed='1'/></sourcefile></package></report>",
    ],
)
def test_what_is_no_jacoco_is_refused(text):
    assert refusal(read_jacoco, text) == "report_invalid"
