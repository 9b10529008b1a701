"""SARIF, CycloneDX, pip-audit and npm audit: findings and components."""

import pytest

from decision_gate.core.json import plain
from decision_gate.mcp.evidence.report.errors import ReportError
from decision_gate.mcp.evidence.report.facts import ComponentFact, FindingFact, Tool
from decision_gate.mcp.evidence.report.readers.cyclonedx import read_cyclonedx
from decision_gate.mcp.evidence.report.readers.npm_audit import read_npm_audit
from decision_gate.mcp.evidence.report.readers.pip_audit import read_pip_audit
from decision_gate.mcp.evidence.report.readers.sarif import read_sarif
from decision_gate.mcp.evidence.report.severity import Severity


def refusal(read, document):
    with pytest.raises(ReportError) as caught:
        read(document if isinstance(document, bytes) else plain(document))
    return caught.value.code


def sarif(*results, rules=(), extensions=(), **run):
    driver = {"name": "scanner", "rules": list(rules)}
    tool = {"driver": driver, "extensions": [{"name": "extension", "rules": list(inner)} for inner in extensions]}
    return plain({"version": "2.1.0", "runs": [{"tool": tool, "results": list(results), **run}]})


def findings(content):
    return list(read_sarif(content).findings)


def severity(result, *rules):
    (finding,) = findings(sarif({"ruleId": "R", **result}, rules=rules))
    return finding.severity


def test_a_result_is_a_finding_of_its_rule():
    assert findings(sarif({"ruleId": "R1"}, {"ruleId": "R1"}, {})) == [
        FindingFact(rule="R1", severity=Severity.MEDIUM),
        FindingFact(rule="R1", severity=Severity.MEDIUM),
        FindingFact(rule="", severity=Severity.MEDIUM),
    ]


@pytest.mark.parametrize("result", [{"kind": "pass"}, {"kind": "notApplicable"}, {"baselineState": "absent"}])
def test_what_was_found_to_be_in_order_is_no_finding(result):
    assert findings(sarif({"ruleId": "R", **result})) == []


@pytest.mark.parametrize("kind", ["fail", "open", "review", "informational"])
def test_every_other_kind_is_a_finding(kind):
    assert len(findings(sarif({"ruleId": "R", "kind": kind}))) == 1


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("error", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("note", Severity.LOW),
        ("none", Severity.NONE),
        ("fatal", None),
    ],
)
def test_levels_are_put_on_the_scale(level, expected):
    assert severity({"level": level}) is expected
    assert severity({}, {"id": "R", "defaultConfiguration": {"level": level}}) is expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("10.0", Severity.CRITICAL),
        ("9", Severity.CRITICAL),
        ("8.9", Severity.HIGH),
        (7, Severity.HIGH),
        ("6.99", Severity.MEDIUM),
        (4.0, Severity.MEDIUM),
        ("0.1", Severity.LOW),
        ("0.0", Severity.NONE),
        ("-1", Severity.CRITICAL),
        ("10.1", Severity.CRITICAL),
        ("NaN", Severity.CRITICAL),
        ("high", Severity.CRITICAL),
        (True, Severity.CRITICAL),
        ([], Severity.CRITICAL),
    ],
)
def test_a_security_severity_decides_before_levels(score, expected):
    rule = {"id": "R", "properties": {"security-severity": score}, "defaultConfiguration": {"level": "note"}}

    assert severity({"level": "note"}, rule) is expected


@pytest.mark.parametrize(
    ("result", "rule", "expected"),
    [
        ({"ruleId": "B"}, "B", Severity.HIGH),
        ({"ruleIndex": 1}, "B", Severity.HIGH),
        ({"ruleId": "B", "ruleIndex": -1}, "B", Severity.HIGH),
        ({"ruleId": "B/sub", "ruleIndex": 1}, "B/sub", Severity.HIGH),
        ({"ruleId": "B/sub/1"}, "B/sub/1", Severity.HIGH),
        ({"rule": {"id": "B"}}, "B", Severity.HIGH),
        ({"rule": {"index": 1}}, "B", Severity.HIGH),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "E", Severity.LOW),
        ({"ruleId": "E"}, "E", Severity.LOW),
        ({"ruleId": "unknown"}, "unknown", Severity.MEDIUM),
    ],
)
def test_a_rule_is_found_by_id_by_index_and_by_reference(result, rule, expected):
    rules = [{"id": "A"}, {"id": "B", "defaultConfiguration": {"level": "error"}}]
    extension = [{"id": "E", "defaultConfiguration": {"level": "note"}}]

    assert findings(sarif(result, rules=rules, extensions=[extension])) == [FindingFact(rule=rule, severity=expected)]


@pytest.mark.parametrize(
    ("suppressions", "is_suppressed"),
    [
        ([], False),
        ([{"kind": "inSource"}], True),
        ([{"status": "accepted"}, {"kind": "external"}], True),
        ([{"status": "underReview"}], False),
        ([{"status": "accepted"}, {"status": "rejected"}], False),
        (None, False),
    ],
)
def test_a_finding_is_suppressed_when_all_its_suppressions_hold(suppressions, is_suppressed):
    (finding,) = findings(sarif({"ruleId": "R", "suppressions": suppressions}))

    assert finding.is_suppressed is is_suppressed


@pytest.mark.parametrize(
    "document",
    [
        {"version": "2.1.0"},
        {"runs": []},
        {"runs": [{}]},
        {"runs": [{"results": None}]},
        {"runs": [{"results": []}, {}]},
        {"runs": [{"results": [], "invocations": [{"executionSuccessful": True}, {"executionSuccessful": False}]}]},
        {"runs": [{"results": [], "externalPropertyFileReferences": {"results": [{"location": {}}]}}]},
    ],
)
def test_a_run_that_did_not_look_is_incomplete(document):
    assert refusal(read_sarif, document) == "report_incomplete"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"runs": [], "runs": []}',
        plain({"runs": {}}),
        plain({"runs": [1]}),
        plain({"runs": [{"results": {}}]}),
        sarif({"ruleIndex": 7}),
        sarif({"ruleIndex": "0"}),
        sarif({"rule": {"index": 0, "toolComponent": {"index": 3}}}),
        sarif({"level": 3}),
        sarif("R"),
    ],
)
def test_what_is_no_sarif_is_refused(content):
    assert refusal(read_sarif, content) == "report_invalid"


def test_a_sarif_tells_its_tool_and_its_latest_end():
    run = {
        "results": [],
        "tool": {"driver": {"name": "t", "semanticVersion": "1.2.3"}},
        "invocations": [{"endTimeUtc": "2026-01-01T00:00:00Z"}, {"endTimeUtc": "2026-01-02T00:00:00Z"}],
    }
    other = {"results": [], "tool": {"driver": {"name": "u"}}}
    alone, mixed = read_sarif(plain({"runs": [run]})), read_sarif(plain({"runs": [run, other]}))

    assert (alone.tool, alone.generated_at) == (Tool(name="t", version="1.2.3"), "2026-01-02T00:00:00Z")
    assert (mixed.tool, mixed.generated_at) == (None, "2026-01-02T00:00:00Z")


def bom(**members):
    return plain({"bomFormat": "CycloneDX", "specVersion": "1.6", **members})


def test_components_are_named_with_their_group_and_nested_ones_count():
    content = bom(
        metadata={"component": {"name": "app", "type": "application"}},
        components=[
            {
                "name": "a",
                "group": "org.x",
                "type": "library",
                "licenses": [{"license": {"id": "MIT", "name": "ignored"}}, {"license": {"name": "Own"}}],
                "components": [{"name": "b", "type": "file", "licenses": [{"expression": "MIT OR ISC"}]}],
            },
            {"name": "c", "group": "", "licenses": []},
        ],
    )

    assert read_cyclonedx(content).components == (
        ComponentFact(name="org.x/a", kind="library", licenses=("MIT", "Own")),
        ComponentFact(name="b", kind="file", licenses=("MIT OR ISC",)),
        ComponentFact(name="c", kind="", licenses=()),
    )


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([{"severity": "low"}, {"severity": "critical"}], Severity.CRITICAL),
        ([{"severity": "unknown"}, {"severity": "low"}], Severity.LOW),
        ([{"severity": "info"}], Severity.NONE),
        ([{"severity": "none"}], Severity.NONE),
        ([{"severity": "unknown"}], None),
        ([{"score": 9.8}], None),
        ([], None),
    ],
)
def test_the_worst_known_rating_of_a_vulnerability_counts(ratings, expected):
    (finding,) = read_cyclonedx(bom(vulnerabilities=[{"id": "CVE-1", "ratings": ratings}])).findings

    assert finding == FindingFact(rule="CVE-1", severity=expected)


@pytest.mark.parametrize(
    ("state", "is_suppressed"),
    [
        ("not_affected", True),
        ("false_positive", True),
        ("resolved", True),
        ("exploitable", False),
        ("in_triage", False),
        ("resolved_with_pedigree", False),
        (None, False),
    ],
)
def test_an_analysis_suppresses_a_vulnerability(state, is_suppressed):
    (finding,) = read_cyclonedx(bom(vulnerabilities=[{"id": "CVE-1", "analysis": {"state": state}}])).findings

    assert finding.is_suppressed is is_suppressed


def test_a_document_without_vulnerabilities_has_no_findings_at_all():
    report = read_cyclonedx(bom(components=[]))

    assert (report.components, report.findings) == ((), None)
    assert read_cyclonedx(bom(vulnerabilities=[])).components is None


@pytest.mark.parametrize(
    ("tools", "tool"),
    [
        ([{"vendor": "v", "name": "t", "version": "1"}], Tool(name="t", version="1")),
        ({"components": [{"name": "t"}, {"name": "lib"}]}, Tool(name="t", version=None)),
        ([], None),
        (None, None),
    ],
)
def test_a_bill_of_materials_names_its_first_tool(tools, tool):
    assert read_cyclonedx(bom(metadata={"tools": tools})).tool == tool


@pytest.mark.parametrize(
    ("timestamp", "expected"), [("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"), ("2026-01-02T03:04:05", None)]
)
def test_a_time_without_offset_is_none(timestamp, expected):
    assert read_cyclonedx(bom(metadata={"timestamp": timestamp})).generated_at == expected


@pytest.mark.parametrize("version", ["1.3", "1.7", "", None])
def test_other_versions_of_cyclonedx_are_not_read(version):
    assert refusal(read_cyclonedx, {"bomFormat": "CycloneDX", "specVersion": version}) == "report_unrecognised"


@pytest.mark.parametrize("components", [[{}], {"name": "a"}, [[]], [{"name": "a", "licenses": "MIT"}]])
def test_what_is_no_cyclonedx_is_refused(components):
    assert refusal(read_cyclonedx, {"specVersion": "1.6", "components": components}) == "report_invalid"


AUDITED = [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}, {"id": "GHSA-1"}]}, {"name": "b", "vulns": []}]


@pytest.mark.parametrize("document", [{"dependencies": AUDITED, "fixes": []}, AUDITED])
def test_pip_audit_gives_no_severities(document):
    assert read_pip_audit(plain(document)).findings == (
        FindingFact(rule="PYSEC-1", severity=None),
        FindingFact(rule="GHSA-1", severity=None),
    )


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"dependencies": [*AUDITED, {"name": "c", "skip_reason": "not on PyPI"}]}, "report_incomplete"),
        ({"dependencies": [{"name": "c"}]}, "report_invalid"),
        ({"dependencies": {}}, "report_invalid"),
        ({}, "report_invalid"),
        (1, "report_invalid"),
    ],
)
def test_a_dependency_that_was_not_audited_is_refused(document, code):
    assert refusal(read_pip_audit, document) == code


def npm(vulnerabilities, **totals):
    return {"auditReportVersion": 2, "vulnerabilities": vulnerabilities, "metadata": {"vulnerabilities": totals}}


def advisory(ghsa, severity, **members):
    return {"source": 1, "severity": severity, "url": f"https://github.com/advisories/{ghsa}", **members}


def test_npm_has_one_finding_for_each_advisory_and_none_for_packages_affected_through_another():
    document = npm(
        {
            "minimist": {
                "severity": "critical",
                "via": [advisory("GHSA-aaaa", "moderate"), advisory("GHSA-b", "info")],
            },
            "mkdirp": {"severity": "critical", "via": ["minimist"]},
            "other": {
                "severity": "high",
                "via": ["minimist", advisory("GHSA-aaaa", "high"), {"source": 7, "severity": "weird"}],
            },
        },
        critical=2,
        high=1,
        total=3,
    )

    assert read_npm_audit(plain(document)).findings == (
        FindingFact(rule="GHSA-aaaa", severity=Severity.HIGH),
        FindingFact(rule="GHSA-b", severity=Severity.NONE),
        FindingFact(rule="7", severity=None),
    )


def test_npm_without_vulnerabilities_has_no_findings():
    assert read_npm_audit(plain(npm({}, info=0, total=0))).findings == ()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (npm({}, total=1), "report_inconsistent"),
        (npm({}, high=1), "report_inconsistent"),
        (npm({"a": {"severity": "low", "via": [advisory("GHSA-a", "low")]}}, high=1, total=1), "report_inconsistent"),
        (npm({"a": {"severity": "low", "via": ["b"]}, "b": {"severity": "low", "via": ["a"]}}), "report_inconsistent"),
        (npm([]), "report_invalid"),
        (npm({"a": {"via": [1]}}), "report_invalid"),
        (npm({}, total="1"), "report_invalid"),
        ({"error": {"code": "ENOLOCK"}}, "report_invalid"),
    ],
)
def test_npm_reports_that_contradict_themselves_are_refused(document, code):
    assert refusal(read_npm_audit, document) == code
