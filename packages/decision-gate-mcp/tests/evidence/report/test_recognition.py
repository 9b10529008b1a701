"""Formats are recognised by content; whatever else comes is refused with one of the documented codes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_gate.core.json import plain
from decision_gate.mcp.evidence.report.checks import CHECKS
from decision_gate.mcp.evidence.report.errors import ReportError
from decision_gate.mcp.evidence.report.filters import Filters
from decision_gate.mcp.evidence.report.readers.by_format import READERS, recognise

CODES = {
    "report_unrecognised",
    "report_invalid",
    "report_inconsistent",
    "report_incomplete",
    "report_kind",
    "not_applicable",
}
SEEDS = [
    (
        b'<?xml version="1.0"?><testsuites tests="2"><testsuite name="s" failures="1" skipped="1">'
        b'<testcase classname="c" name="n" time="1,0.5"><failure/></testcase></testsuite></testsuites>'
    ),
    (
        b'<coverage lines-valid="1" timestamp="1"><class filename="a">'
        b'<line number="1" hits="1" branch="true" condition-coverage="50% (1/2)"/></class></coverage>'
    ),
    (
        b'<!DOCTYPE report PUBLIC "p" "s"><report name="r"><sessioninfo dump="1"/>'
        b'<package name="p"><sourcefile name="a">'
        b'<counter type="LINE" missed="1" covered="1"/></sourcefile></package></report>'
    ),
    b"TN:t\nSF:a\nDA:1,1\nBRDA:1,0,0,-\nLF:1\nLH:1\nend_of_record\n",
    (
        b"TAP version 14\n# Subtest: s\n    ok 1 - a # SKIP\n      ---\n      duration_ms: 1\n      ...\n    1..1\n"
        b"not ok 1 - s {\n}\n1..1\n"
    ),
    (
        b'{"Time":"2026-01-01T00:00:00Z","Action":"start","Package":"p"}\n'
        b'{"Action":"fail","Package":"p","Test":"T","Elapsed":0.5}\n{"Action":"fail","Package":"p"}\n'
    ),
    plain(
        {
            "runs": [
                {
                    "tool": {"driver": {"name": "t", "rules": [{"id": "R", "properties": {"security-severity": "9"}}]}},
                    "results": [{"ruleIndex": 0, "level": "error", "suppressions": [{}], "baselineState": "new"}],
                    "invocations": [{"endTimeUtc": "2026-01-01T00:00:00Z"}],
                }
            ]
        }
    ),
    plain(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "metadata": {"timestamp": "2026-01-01T00:00:00Z", "tools": [{"name": "t"}]},
            "components": [{"name": "a", "group": "g", "licenses": [{"license": {"id": "MIT"}}]}],
            "vulnerabilities": [{"id": "V", "ratings": [{"severity": "low"}], "analysis": {"state": "resolved"}}],
        }
    ),
    plain({"dependencies": [{"name": "a", "vulns": [{"id": "P"}]}]}),
    plain(
        {
            "auditReportVersion": 2,
            "vulnerabilities": {"a": {"severity": "low", "via": ["b", {"url": "/GHSA-a", "severity": "low"}]}},
            "metadata": {"vulnerabilities": {"low": 1, "total": 1}},
        }
    ),
]
FORMATS = ["junit", "cobertura", "jacoco", "lcov", "tap", "go-test", "sarif", "cyclonedx", "pip-audit", "npm-audit"]


@pytest.mark.parametrize(("content", "form"), list(zip(SEEDS, FORMATS, strict=True)), ids=FORMATS)
def test_each_format_is_recognised(content, form):
    assert recognise(content) == form
    if not content.startswith(b"<?xml"):
        assert recognise(b"\n" + content) == form


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"<testsuite/>", "junit"),
        ("<testsuite/>".encode("utf-16"), "junit"),
        (b"# a comment\nTN:\nSF:a\nend_of_record", "lcov"),
        (b"> npm test\n\n1..1\nok 1\n", "tap"),
        (b"not ok\n", "tap"),
        (b"Bail out! no database", "tap"),
        (b'[{"name": "a", "vulns": []}]', "pip-audit"),
        (b'{"$schema": "https://json.schemastore.org/sarif-2.1.0.json"}', "sarif"),
    ],
)
def test_rarer_beginnings_are_recognised(content, form):
    assert recognise(content) == form


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"hello",
        b"okay",
        b"<html/>",
        b'<coverage generated="1" clover="4.4.1"><project/></coverage>',
        b"{}",
        b"[]",
        b"[1]",
        b'{"dependencies": {"a": "1"}, "version": "2.1.0"}',
        b'{"vulnerabilities": {}}',
    ],
)
def test_other_content_is_not_recognised(content):
    with pytest.raises(ReportError) as caught:
        recognise(content)

    assert caught.value.code == "report_unrecognised"


@pytest.mark.parametrize(
    "content", [b"{", b"<", b"<testsuite", b"\xff", b'{"runs": [], "runs": []}', b"<!DOCTYPE a []>"]
)
def test_what_begins_as_xml_or_json_and_is_none_is_invalid(content):
    with pytest.raises(ReportError) as caught:
        recognise(content)

    assert caught.value.code == "report_invalid"


def answer_all(content, form):
    """Ask every check; return the codes of what was refused."""
    codes = set()
    try:
        report = READERS[form or recognise(content)](content)
    except ReportError as refusal:
        return {refusal.code}
    for check in CHECKS.values():
        try:
            plain(check.answer([report, report], Filters()))
        except ReportError as refusal:
            codes.add(refusal.code)
    return codes


@st.composite
def damaged(draw):
    """Take a good report and cut, repeat, exchange or insert pieces of it."""
    content = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 20)))
        piece = draw(
            st.sampled_from([b"", content[start:end] * 2, b"\n", b'"', b"<", b"-1", b"9" * 25, b"null", b"\xff"])
        )
        content = content[:start] + piece + content[end:]
    return content


@settings(max_examples=300, deadline=None)
@given(damaged() | st.binary(max_size=60), st.none() | st.sampled_from(FORMATS))
def test_any_content_is_answered_or_refused_with_a_documented_code(content, form):
    assert answer_all(content, form) <= CODES
