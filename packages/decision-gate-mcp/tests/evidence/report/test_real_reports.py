"""Reports that the real tools write: in this test run where the tool is here, else as it once wrote them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from decision_gate.core.model import EvidenceContext, EvidenceQuery
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.report.checks import CHECKS
from decision_gate.mcp.evidence.report_provider import ReportProvider, ReportSettings

RECORDED = Path(__file__).with_name("recorded")
CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(0),
)
PYTEST_SOURCE = """
import pytest

def test_ok(): pass

def test_fail(): assert 0

@pytest.mark.skip
def test_skip(): pass

@pytest.mark.xfail
def test_xfail(): assert 0

@pytest.fixture
def broken(): raise RuntimeError

def test_error(broken): pass

@pytest.fixture
def late():
    yield
    raise RuntimeError

def test_twice(late): assert 0

class TestClass:
    @pytest.mark.parametrize("x", ["a[b", "<\\u00e9>"])
    def test_p(self, x): pass
"""
COVERED_SOURCE = """
def f(x):
    if x:
        return 1
    return 2

f(1)
"""
NODE_SOURCE = """
import {test, describe, it, after} from 'node:test';
import assert from 'node:assert';
test('ok', () => {});
test('bad # hash', () => { assert(0) });
test('todo', {todo: true}, () => { assert(0) });
test('skip', {skip: 'why'}, () => {});
describe('outer', () => { it('a', () => {}); describe('inner', () => { it('b', () => { assert.equal(1, 2) }) }) });
"""
PERL_SOURCE = """
use Test::More;
ok(1, 'first');
ok(0, 'second # with hash');
subtest 'outer' => sub { plan tests => 2; ok(1, 'a'); subtest 'inner' => sub { ok(1, 'b'); done_testing } };
SKIP: { skip 'no reason', 1; ok(1) }
TODO: { local $TODO = 'later'; ok(0, 'todo') }
subtest 'skipped' => sub { plan skip_all => 'not here' };
done_testing;
"""
NODE_HOOK_SOURCE = """
import {describe, it, after} from 'node:test';
describe('hook', () => { after(() => { throw new Error('x') }); it('c', () => {}) });
"""
GO_SOURCE = """package a
import "testing"
func TestOK(t *testing.T) { t.Run("sub", func(t *testing.T) {}) }
func TestSkip(t *testing.T) { t.Skip("no") }
func TestFail(t *testing.T) { t.Run("in", func(t *testing.T) { t.Fatal("x") }) }
"""
GO_BROKEN_SOURCE = """package b
import "testing"
func TestNo(t *testing.T) { undefined() }
"""

JAVA_SOURCE = """package app;

public class Main {
    static String sign(int number) {
        if (number > 0 && number < 100) {
            return "small";
        }
        return "other";
    }

    static void never() {
        System.out.println("never");
    }

    public static void main(String[] arguments) {
        System.out.println(sign(7));
    }
}
"""
JACOCO = "0.8.12"
JACOCO_FACTS = {
    "line_percent": 50.0,
    "branch_percent": 50.0,
    "lines_covered": 4,
    "lines_total": 8,
    "branches_covered": 2,
    "branches_total": 4,
}


def run(folder, *command):
    """Run a tool; those that find something end with other codes than 0."""
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False).stdout


def facts(folder, file, family, /, **params):
    """Return the answers of a family of checks, an error as its code."""
    provider = ReportProvider(ReportSettings(root=str(folder), root_id="reports"))
    answers = {}
    for check_id, check in CHECKS.items():
        if check_id.startswith(f"{family}."):
            narrowed = {key: value for key, value in params.items() if key in check.filters}
            query = EvidenceQuery(provider_id="report", check_id=check_id, params={"file": file, **narrowed})
            result = provider.query(query, CONTEXT)
            answers[check_id.removeprefix(f"{family}.")] = result.error.code if result.error else result.value.value
    return answers


def path_of(tool):
    return shutil.which(tool) or shutil.which(tool, path=Path(sys.executable).parent)


def needs(tool):
    return pytest.mark.skipif(path_of(tool) is None, reason=f"{tool} is not installed")


def test_pytest_writes_junit(tmp_path):
    (tmp_path / "test_it.py").write_text(PYTEST_SOURCE, encoding="utf-8")
    run(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=j.xml", "test_it.py")

    tests = facts(tmp_path, "j.xml", "tests")
    del tests["duration_seconds"]
    assert tests == {
        "total": 9,
        "passed": 3,
        "failed": 2,
        "errors": 2,
        "skipped": 2,
        "failing": ["test_it::test_error", "test_it::test_fail", "test_it::test_twice"],
    }
    assert facts(tmp_path, "j.xml", "tests", name="test_p*", suite="*TestClass")["passed"] == 2
    assert facts(tmp_path, "j.xml", "tests", name="test_p[[]*")["passed"] == "not_applicable"
    assert facts(tmp_path, "j.xml", "tests", name="test_p[a[b]")["passed"] == 1
    assert facts(tmp_path, "j.xml", "report")["generated_at"] != "not_applicable"


@pytest.mark.parametrize("form", ["xml", "lcov"])
def test_coverage_writes_cobertura_and_lcov(tmp_path, form):
    pytest.importorskip("coverage")
    (tmp_path / "m.py").write_text(COVERED_SOURCE, encoding="utf-8")
    (tmp_path / "empty.py").write_text("", encoding="utf-8")
    coverage = (sys.executable, "-m", "coverage")
    run(tmp_path, *coverage, "run", "--branch", "--source=.", "--data-file=data", "m.py")
    run(tmp_path, *coverage, form, "--data-file=data", "-o", "report")

    assert facts(tmp_path, "report", "coverage") == {
        "line_percent": 80.0,
        "branch_percent": 50.0,
        "lines_covered": 4,
        "lines_total": 5,
        "branches_covered": 1,
        "branches_total": 2,
    }
    assert facts(tmp_path, "report", "coverage", path="empty*")["line_percent"] == "not_applicable"


@needs("node")
@pytest.mark.parametrize(("reporter", "suite"), [("tap", "outer"), ("junit", "outer")])
def test_node_writes_tap_and_junit(tmp_path, reporter, suite):
    (tmp_path / "n.test.mjs").write_text(NODE_SOURCE, encoding="utf-8")
    report = run(tmp_path, "node", "--test", f"--test-reporter={reporter}", "n.test.mjs")
    (tmp_path / "report").write_bytes(report)

    tests = facts(tmp_path, "report", "tests")
    failing = {name.partition("::")[2] for name in tests.pop("failing")}
    assert tests.pop("duration_seconds") > 0
    assert (tests, failing) == (
        {"total": 6, "passed": 2, "failed": 2, "errors": 0, "skipped": 2},
        {"bad # hash", "b"},
    )
    assert facts(tmp_path, "report", "tests", suite=suite)["total"] == 2


@needs("node")
def test_a_hook_that_fails_after_the_last_test_of_node_is_not_lost(tmp_path):
    (tmp_path / "n.test.mjs").write_text(NODE_HOOK_SOURCE, encoding="utf-8")
    (tmp_path / "report").write_bytes(run(tmp_path, "node", "--test", "--test-reporter=tap", "n.test.mjs"))

    tests = facts(tmp_path, "report", "tests")
    assert (tests["passed"], tests["failed"], tests["errors"]) == (1, 0, 1)


@needs("perl")
def test_perl_writes_tap(tmp_path):
    (tmp_path / "t.pl").write_text(PERL_SOURCE, encoding="utf-8")
    (tmp_path / "report").write_bytes(run(tmp_path, "perl", "t.pl"))

    assert facts(tmp_path, "report", "tests") == {
        "total": 7,
        "passed": 3,
        "failed": 1,
        "errors": 0,
        "skipped": 3,
        "duration_seconds": "not_applicable",
        "failing": ["::second # with hash"],
    }
    assert facts(tmp_path, "report", "tests", suite="outer")["total"] == 2


def fetched(folder, artifact, classifier):
    """Fetch a jar of JaCoCo, or skip the test and say why."""
    copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
    named = f"-Dartifact=org.jacoco:{artifact}:{JACOCO}:jar:{classifier}"
    jar = folder / f"{artifact}-{JACOCO}-{classifier}.jar"
    try:
        said = run(folder, "mvn", "-q", "-B", copy, named, f"-DoutputDirectory={folder}")
    except subprocess.TimeoutExpired:
        said = b"no answer in time"
    if not jar.exists():
        pytest.skip(f"mvn did not fetch {artifact}: {said.decode(errors='replace')[:200]}")
    return jar


@pytest.mark.services
@needs("mvn")
@needs("javac")
def test_jacoco_writes_its_report(tmp_path):
    agent, cli = fetched(tmp_path, "org.jacoco.agent", "runtime"), fetched(tmp_path, "org.jacoco.cli", "nodeps")
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Main.java").write_text(JAVA_SOURCE, encoding="utf-8")
    run(tmp_path, "javac", "-g", "app/Main.java")
    run(tmp_path, "java", f"-javaagent:{agent}=destfile=run.exec", "app.Main")
    run(tmp_path, "java", "-jar", cli, "report", "run.exec", "--classfiles", "app", "--name", "demo", "--xml", "j.xml")

    assert facts(tmp_path, "j.xml", "coverage") == JACOCO_FACTS
    assert facts(tmp_path, "j.xml", "coverage", path="app/Main.*")["lines_total"] == JACOCO_FACTS["lines_total"]


def go_release(folder):
    """Return major and minor of the installed Go."""
    version = run(folder, "go", "env", "GOVERSION").decode().strip().removeprefix("go")
    return tuple(int(part) for part in version.split(".")[:2])


@needs("go")
def test_go_writes_events(tmp_path):
    if go_release(tmp_path) < (1, 24):
        pytest.skip("before 1.24 go mixes what its compiler says into the events of its tests")
    for name, source in (("a", GO_SOURCE), ("b", GO_BROKEN_SOURCE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}_test.go").write_text(source, encoding="utf-8")
    (tmp_path / "go.mod").write_text("module example.com/m\n", encoding="utf-8")
    (tmp_path / "report").write_bytes(run(tmp_path, "go", "test", "-json", "./..."))

    tests = facts(tmp_path, "report", "tests")
    del tests["duration_seconds"]
    assert tests == {
        "total": 6,
        "passed": 2,
        "failed": 2,
        "errors": 1,
        "skipped": 1,
        "failing": [
            "example.com/m/a::TestFail",
            "example.com/m/a::TestFail/in",
            "example.com/m/b::TestMain",
        ],
    }


@needs("ruff")
def test_ruff_writes_sarif(tmp_path):
    (tmp_path / "r.py").write_text("import os\nprint(undefined)\n", encoding="utf-8")
    report = run(tmp_path, path_of("ruff"), "check", "--isolated", "--select=F", "--output-format=sarif", "r.py")
    (tmp_path / "report").write_bytes(report)

    assert facts(tmp_path, "report", "findings") == {
        "count": 2,
        "max_severity": "high",
        "ids": ["F401", "F821"],
        "unknown_severities": [],
    }


@pytest.mark.parametrize(
    ("name", "family", "expected"),
    [
        (
            "ruff.sarif",
            "findings",
            {"count": 4, "max_severity": "high", "ids": ["E401", "F401", "F821"], "unknown_severities": []},
        ),
        ("jacoco.xml", "coverage", JACOCO_FACTS),
        ("ruff.sarif", "report", {"generated_at": "not_applicable", "tool": {"name": "ruff", "version": "0.17.6"}}),
        (
            "npm-audit.json",
            "findings",
            {
                "count": 2,
                "max_severity": "critical",
                "ids": ["GHSA-vh95-rmgr-6w4m", "GHSA-xvch-5gv4-984h"],
                "unknown_severities": [],
            },
        ),
        (
            "pip-audit.json",
            "findings",
            {
                "count": 2,
                "max_severity": "critical",
                "ids": ["CVE-2023-30861", "PYSEC-2019-179"],
                "unknown_severities": ["CVE-2023-30861", "PYSEC-2019-179"],
            },
        ),
        (
            "pip-audit-skipped.json",
            "findings",
            dict.fromkeys(("count", "max_severity", "ids", "unknown_severities"), "report_incomplete"),
        ),
        (
            "cyclonedx-py.json",
            "components",
            {"count": 2, "names": ["attrs", "requests"], "licenses": [], "unlicensed": ["attrs", "requests"]},
        ),
        (
            "cyclonedx-py.json",
            "findings",
            dict.fromkeys(("count", "max_severity", "ids", "unknown_severities"), "report_kind"),
        ),
    ],
)
def test_reports_recorded_from_tools_are_read(name, family, expected):
    assert facts(RECORDED, name, family) == expected
