"""The checks of the provider: what each answers and by what it can be narrowed."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.report import answers_components as components
from decision_gate.mcp.evidence.report import answers_coverage as coverage
from decision_gate.mcp.evidence.report import answers_findings as findings
from decision_gate.mcp.evidence.report import answers_origin as origin
from decision_gate.mcp.evidence.report import answers_tests as tests
from decision_gate.mcp.evidence.report.facts import Outcome, Report
from decision_gate.mcp.evidence.report.filters import Filters


@attrs.frozen
class Check:
    """One question.

    Attributes:
        answer: gives the value over all reports together, or raises a ``ReportError``.
        filters: names of the filters that it takes.
    """

    answer: Callable[[Sequence[Report], Filters], JsonValue]
    filters: tuple[str, ...]


_TESTS = ("suite", "name")
_COVERAGE = ("path",)
_FINDINGS = ("severity_at_least", "rule", "include_suppressed", "baseline_state")
_COMPONENTS = ("name", "license", "type")

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "tests.total": Check(tests.total, _TESTS),
        "tests.passed": Check(tests.counter(Outcome.PASSED), _TESTS),
        "tests.failed": Check(tests.counter(Outcome.FAILED), _TESTS),
        "tests.errors": Check(tests.counter(Outcome.ERRORED), _TESTS),
        "tests.skipped": Check(tests.counter(Outcome.SKIPPED), _TESTS),
        "tests.duration_seconds": Check(tests.duration_seconds, _TESTS),
        "tests.failing": Check(tests.failing, _TESTS),
        "coverage.line_percent": Check(coverage.line_percent, _COVERAGE),
        "coverage.branch_percent": Check(coverage.branch_percent, _COVERAGE),
        "coverage.lines_covered": Check(coverage.adder("lines_covered"), _COVERAGE),
        "coverage.lines_total": Check(coverage.adder("lines_total"), _COVERAGE),
        "coverage.branches_covered": Check(coverage.adder("branches_covered"), _COVERAGE),
        "coverage.branches_total": Check(coverage.adder("branches_total"), _COVERAGE),
        "findings.count": Check(findings.count, _FINDINGS),
        "findings.max_severity": Check(findings.max_severity, _FINDINGS),
        "findings.ids": Check(findings.ids, _FINDINGS),
        "findings.unknown_severities": Check(findings.unknown_severities, _FINDINGS),
        "components.count": Check(components.count, _COMPONENTS),
        "components.names": Check(components.names, _COMPONENTS),
        "components.licenses": Check(components.licenses, _COMPONENTS),
        "components.unlicensed": Check(components.unlicensed, _COMPONENTS),
        "report.generated_at": Check(origin.generated_at, ()),
        "report.tool": Check(origin.tool, ()),
    }
)
"""Every check by its id, in the order in which they are published."""
