"""Answers about findings; a severity that is absent or unknown counts as critical everywhere."""

from collections.abc import Sequence

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.report.errors import NotApplicableError, ReportKindError
from decision_gate.mcp.evidence.report.facts import FindingFact, Report
from decision_gate.mcp.evidence.report.filters import Filters, lets_through
from decision_gate.mcp.evidence.report.severity import Severity


def count(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Count the findings."""
    return len(_findings(reports, filters))


def max_severity(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Return the worst severity, ``none`` when there is no finding."""
    return max((_weight(finding) for finding in _findings(reports, filters)), default=Severity.NONE).word


def ids(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Name the rules of the findings; a finding without one is the empty text."""
    return [*sorted({finding.rule for finding in _findings(reports, filters)})]


def unknown_severities(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Name the rules of the findings whose severity is absent or unknown."""
    return [*sorted({finding.rule for finding in _findings(reports, filters) if finding.severity is None})]


def _weight(finding: FindingFact) -> Severity:
    return Severity.CRITICAL if finding.severity is None else finding.severity


def _findings(reports: Sequence[Report], filters: Filters) -> list[FindingFact]:
    """Return the findings that the filters let through.

    Raises:
        ReportKindError: a report is none of findings.
        NotApplicableError: a state of the baseline is asked for and a report was compared with none: every finding
            may be a new one.
    """
    findings: list[FindingFact] = []
    for report in reports:
        if report.findings is None:
            raise ReportKindError("not a report of findings")
        if filters.baseline_state is not None and not _is_compared(report, report.findings):
            raise NotApplicableError("the findings were not compared with a baseline")
        findings.extend(finding for finding in report.findings if _is_meant(finding, filters))
    return findings


def _is_compared(report: Report, findings: Sequence[FindingFact]) -> bool:
    return report.is_comparing and all(finding.baseline_state is not None for finding in findings)


def _is_meant(finding: FindingFact, filters: Filters) -> bool:
    return (
        (filters.include_suppressed or not finding.is_suppressed)
        and (filters.severity_at_least is None or _weight(finding) >= filters.severity_at_least)
        and (filters.baseline_state is None or finding.baseline_state == filters.baseline_state)
        and lets_through(filters.rule, finding.rule)
    )
