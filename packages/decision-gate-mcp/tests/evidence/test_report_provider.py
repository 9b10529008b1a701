"""The ``report`` provider: files, references, filters and answers."""

import pytest

from decision_gate.core.model import (
    EvidenceAnchor,
    EvidenceContext,
    EvidenceProviderError,
    EvidenceQuery,
    EvidenceRef,
    EvidenceResult,
    JsonEvidence,
)
from decision_gate.core.ports.evidence import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.report_provider import ReportProvider, ReportSettings
from decision_gate.mcp.evidence.rooted_files import RootedFilesSettingError

CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(0),
)
UNIT = b"""<testsuites><testsuite name="unit" timestamp="2026-01-02T00:00:00Z">
<testcase classname="a.B" name="one" time="0.1"/>
<testcase classname="a.B" name="two[x]" time="0.2"><failure/></testcase>
<testcase classname="a.C" name="three"><skipped/></testcase></testsuite></testsuites>"""
MORE = b"""<testsuite name="more" timestamp="2026-01-01T00:00:00+00:00">
<testcase name="four"><error/></testcase></testsuite>"""
SARIF = b"""{"runs": [{"tool": {"driver": {"name": "t", "version": "1"}}, "results": [
{"ruleId": "A1", "level": "error", "baselineState": "new"},
{"ruleId": "A2", "level": "odd", "baselineState": "unchanged"},
{"ruleId": "B1", "level": "note", "baselineState": "updated", "suppressions": [{}]}]}]}"""
BOM = b"""{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
{"name": "a", "group": "g", "type": "library", "licenses": [{"license": {"id": "MIT"}},
{"license": {"id": "GPL-3.0"}}]},
{"name": "b", "type": "file"}, {"name": "b", "type": "library"}]}"""


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "unit.xml").write_bytes(UNIT)
    (root / "sub" / "more.xml").write_bytes(MORE)
    (root / "scan").write_bytes(SARIF)
    (root / "bom.json").write_bytes(BOM)
    (root / "a.info").write_bytes(b"SF:src/a.c\nDA:1,1\nDA:2,1\nend_of_record\nSF:src/b.c\nDA:1,0\nend_of_record\n")
    (root / "empty.info").write_bytes(b"SF:src/c.c\nend_of_record\n")
    return root


@pytest.fixture
def ask(root):
    def ask(check_id, params, **settings):
        provider = ReportProvider(ReportSettings(**{"root": str(root), "root_id": "reports", **settings}))
        return provider.query(EvidenceQuery(provider_id="report", check_id=check_id, params=params), CONTEXT)

    return ask


@pytest.fixture
def value(ask):
    def value(check_id, **params):
        result = ask(check_id, params)
        return result.error.code if result.error else result.value.value

    return value


def located(path, **members):
    return EvidenceResult(
        evidence_ref=EvidenceRef(uri=f"dg+file://reports/{path}"),
        evidence_anchor=EvidenceAnchor(
            anchor_type="file_path_rooted", anchor_value=f'{{"path":"{path}","root_id":"reports"}}'
        ),
        **members,
    )


def located_set(named, paths, **members):
    listed = ",".join(f'"{path}"' for path in paths)
    return EvidenceResult(
        evidence_ref=EvidenceRef(uri=f"dg+file://reports/{named}"),
        evidence_anchor=EvidenceAnchor(
            anchor_type="file_set_rooted", anchor_value=f'{{"paths":[{listed}],"root_id":"reports"}}'
        ),
        **members,
    )


def answer(value):
    return {"value": JsonEvidence(value=value), "content_type": "application/json"}


def test_one_file_is_referred_to_as_the_json_provider_does(ask):
    assert ask("tests.failed", {"file": "sub/../unit.xml"}) == located("unit.xml", **answer(1))


@pytest.mark.parametrize(
    ("files", "named", "paths"),
    [
        ("**/*.xml", "**/*.xml", ["sub/more.xml", "unit.xml"]),
        ("sub/mor?.xml", "sub/mor?.xml", ["sub/more.xml"]),
        ("unit.xml", "unit.xml", ["unit.xml"]),
        (["unit.xml", "sub/more.xml"], "sub/more.xml", ["sub/more.xml", "unit.xml"]),
        (["unit.xml", "./unit.xml", "sub/../unit.xml"], "unit.xml", ["unit.xml"]),
    ],
)
def test_several_files_are_a_set_that_counts_each_once(ask, files, named, paths):
    bad = {"unit.xml": 1, "sub/more.xml": 0}

    expected = located_set(named, paths, **answer(sum(bad[path] for path in paths)))
    assert ask("tests.failed", {"files": files}) == expected


def test_a_link_to_a_file_of_the_set_counts_once(ask, root):
    (root / "again.xml").symlink_to(root / "unit.xml")

    assert ask("tests.total", {"files": "*.xml"}) == located_set("*.xml", ["unit.xml"], **answer(3))


def test_file_is_always_literal(ask, root):
    (root / "[a]*.xml").write_bytes(MORE)

    assert ask("tests.errors", {"file": "[a]*.xml"}) == located("[a]*.xml", **answer(1))


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (None, "params_missing"),
        ([], "params_invalid"),
        ({}, "params_invalid"),
        ({"file": "unit.xml", "files": "unit.xml"}, "params_invalid"),
        ({"file": ["unit.xml"]}, "params_invalid"),
        ({"files": []}, "params_invalid"),
        ({"files": ["unit.xml", 1]}, "params_invalid"),
        ({"files": "../*.xml"}, "params_invalid"),
        ({"file": "unit.xml", "path": "a"}, "params_invalid"),
        ({"file": "unit.xml", "format": "xml"}, "params_invalid"),
        ({"file": "unit.xml", "suite": None}, "params_invalid"),
        ({"file": ""}, "path_missing"),
        ({"files": ""}, "path_missing"),
        ({"file": "/etc/passwd"}, "absolute_path_forbidden"),
        ({"files": "/etc/*"}, "absolute_path_forbidden"),
        ({"file": "../x"}, "file_not_found"),
        ({"file": ".."}, "path_outside_root"),
        ({"file": "*.xml"}, "file_not_found"),
        ({"files": "*.junit"}, "file_not_found"),
        ({"files": ["unit.xml", "gone.xml"]}, "file_not_found"),
    ],
)
def test_a_question_without_a_file_is_answered_with_an_error(ask, params, code):
    result = ask("tests.failed", params)

    assert (result.error.code, result.value, result.evidence_ref, result.evidence_anchor) == (code, None, None, None)


def test_a_report_that_cannot_be_read_says_where(ask, root):
    (root / "bad.xml").write_bytes(b"<testsuite>\n<testcase>\n</testsuite>")
    details = {"file": "bad.xml", "line": 3}
    error = EvidenceProviderError(code="report_invalid", message="not XML: mismatched tag", details=details)

    assert ask("tests.failed", {"file": "bad.xml"}) == located("bad.xml", error=error)
    assert ask("tests.failed", {"files": "*.xml"}) == located("bad.xml", error=error)


def test_a_json_report_that_cannot_be_read_says_where(ask, root):
    (root / "bad.sarif").write_bytes(b'{"runs": [{"results": [{"level": 1}]}]}')

    assert ask("findings.count", {"file": "bad.sarif"}).error.details == {
        "file": "bad.sarif",
        "path": "$.runs[0].results[0].level",
    }


def test_a_format_that_is_named_is_not_guessed(value):
    assert value("tests.total", file="unit.xml", format="junit") == 3
    assert value("tests.total", file="unit.xml", format="tap") == "report_inconsistent"
    assert value("tests.total", file="unit.xml", format="sarif") == "report_invalid"


@pytest.mark.parametrize(
    ("check_id", "file"),
    [
        ("tests.total", "scan"),
        ("coverage.line_percent", "unit.xml"),
        ("findings.count", "bom.json"),
        ("components.count", "a.info"),
    ],
)
def test_a_report_of_another_kind_is_refused(ask, check_id, file):
    result = ask(check_id, {"file": file})

    assert (result.error.code, result.evidence_ref) == ("report_kind", EvidenceRef(uri=f"dg+file://reports/{file}"))


def test_content_that_is_no_report_is_not_recognised(value, root):
    (root / "junit.xml").write_bytes(b"hello")

    assert value("tests.total", file="junit.xml") == "report_unrecognised"


@pytest.mark.parametrize(
    ("check_id", "params", "expected"),
    [
        ("tests.total", {}, 4),
        ("tests.passed", {}, 1),
        ("tests.errors", {}, 1),
        ("tests.skipped", {}, 1),
        ("tests.duration_seconds", {}, 0.3),
        ("tests.failing", {}, ["a.B::two[x]", "more::four"]),
        ("tests.total", {"suite": "a.*"}, 3),
        ("tests.total", {"suite": "unit"}, 3),
        ("tests.total", {"suite": "a.?", "name": "t*"}, 2),
        ("tests.failed", {"name": "two[x]"}, 1),
        ("tests.failed", {"name": "two[?]"}, 1),
        ("tests.failed", {"name": "two"}, "not_applicable"),
        ("tests.failed", {"suite": "renamed"}, "not_applicable"),
        ("tests.failing", {"suite": "A.*"}, "not_applicable"),
        ("tests.duration_seconds", {"name": "four"}, "not_applicable"),
        ("report.generated_at", {}, "2026-01-01T00:00:00+00:00"),
        ("report.tool", {}, "not_applicable"),
    ],
)
def test_tests_are_added_up_and_narrowed(value, check_id, params, expected):
    assert value(check_id, files="**/*.xml", **params) == expected


@pytest.mark.parametrize(
    ("check_id", "params", "expected"),
    [
        ("coverage.line_percent", {}, 66.66),
        ("coverage.lines_covered", {}, 2),
        ("coverage.lines_total", {}, 3),
        ("coverage.branch_percent", {}, "not_applicable"),
        ("coverage.branches_total", {}, 0),
        ("coverage.line_percent", {"path": "src/a*"}, 100.0),
        ("coverage.line_percent", {"path": "*b.c"}, 0.0),
        ("coverage.line_percent", {"path": "src/c.c"}, "not_applicable"),
        ("coverage.lines_total", {"path": "src/c.c"}, 0),
        ("coverage.lines_total", {"path": "src/d.c"}, "not_applicable"),
    ],
)
def test_coverage_is_counted_and_narrowed(value, check_id, params, expected):
    assert value(check_id, files="*.info", **params) == expected


def test_percentages_are_cut_and_not_rounded(value, root):
    lines = "".join(f"DA:{number},{int(number > 0)}\n" for number in range(20_001))
    (root / "big.info").write_text(f"SF:a\n{lines}end_of_record\n", encoding="utf-8")

    assert value("coverage.line_percent", file="big.info") == 99.99


@pytest.mark.parametrize(
    ("check_id", "params", "expected"),
    [
        ("findings.count", {}, 2),
        ("findings.count", {"include_suppressed": True}, 3),
        ("findings.count", {"severity_at_least": "critical"}, 1),
        ("findings.count", {"severity_at_least": "high"}, 2),
        ("findings.count", {"severity_at_least": "none", "include_suppressed": True}, 3),
        ("findings.count", {"rule": "B*"}, 0),
        ("findings.ids", {"rule": "A?"}, ["A1", "A2"]),
        ("findings.ids", {"baseline_state": "new"}, ["A1"]),
        ("findings.ids", {"baseline_state": "updated"}, []),
        ("findings.max_severity", {}, "critical"),
        ("findings.max_severity", {"rule": "A1"}, "high"),
        ("findings.max_severity", {"rule": "C"}, "none"),
        ("findings.unknown_severities", {}, ["A2"]),
        ("report.tool", {}, {"name": "t", "version": "1"}),
        ("report.generated_at", {}, "not_applicable"),
    ],
)
def test_findings_are_counted_and_narrowed(value, check_id, params, expected):
    assert value(check_id, file="scan", **params) == expected


@pytest.mark.parametrize(
    "content",
    [
        b'{"runs": [{"results": [{"ruleId": "A"}]}]}',
        b'{"dependencies": []}',
    ],
)
def test_a_baseline_that_nothing_was_compared_with_is_not_applicable(value, root, content):
    (root / "scan").write_bytes(content)

    assert value("findings.count", file="scan", baseline_state="new") == "not_applicable"


@pytest.mark.parametrize(
    ("check_id", "params", "expected"),
    [
        ("components.count", {}, 3),
        ("components.names", {}, ["b", "g/a"]),
        ("components.licenses", {}, ["GPL-3.0", "MIT"]),
        ("components.unlicensed", {}, ["b"]),
        ("components.names", {"license": "GPL-*"}, ["g/a"]),
        ("components.count", {"type": "library"}, 2),
        ("components.count", {"name": "g/*"}, 1),
        ("components.count", {"name": "z"}, 0),
    ],
)
def test_components_are_listed_and_narrowed(value, check_id, params, expected):
    assert value(check_id, file="bom.json", **params) == expected


def test_a_file_over_the_limit_is_refused(ask):
    error = EvidenceProviderError(
        code="size_limit_exceeded",
        message="report file exceeds size limit",
        details={"file": "scan", "max_bytes": 10, "actual_bytes": 11},
    )

    assert ask("findings.count", {"file": "scan"}, max_bytes=10) == located("scan", error=error)


def test_files_that_are_too_long_together_are_refused(ask, monkeypatch):
    monkeypatch.setattr("decision_gate.mcp.evidence.report_provider.MAX_TOTAL_BYTES", 0)
    limit = len(UNIT) + len(MORE)

    assert ask("tests.total", {"files": "**/*.xml"}, max_bytes=limit).error is None
    assert ask("tests.total", {"files": "**/*.xml"}, max_bytes=limit - 1).error == EvidenceProviderError(
        code="size_limit_exceeded", message=f"the files have more than {limit - 1} bytes together"
    )


def test_another_check_is_a_failure(ask):
    with pytest.raises(EvidenceProviderFailureError) as caught:
        ask("tests.count", {"file": "unit.xml"})

    assert caught.value.message == "unsupported report check"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "report provider requires config.root"),
        ({"root": "."}, "report provider requires config.root_id"),
    ],
)
def test_a_provider_without_a_usable_root_does_not_start(settings, message):
    with pytest.raises(RootedFilesSettingError) as caught:
        ReportProvider(ReportSettings(**settings))

    assert str(caught.value) == f"init error: evidence provider error: {message}"
