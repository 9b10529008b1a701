"""Answers about tests."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.report.errors import NotApplicableError, ReportKindError
from decision_gate.mcp.evidence.report.facts import CaseFact, Outcome, Report
from decision_gate.mcp.evidence.report.filters import Filters, lets_through


def total(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Count the cases."""
    return len(_cases(reports, filters))


def counter(outcome: Outcome) -> Callable[[Sequence[Report], Filters], JsonValue]:
    """Make the answer that counts the cases of one outcome."""

    def counted(reports: Sequence[Report], filters: Filters) -> JsonValue:
        return sum(case.outcome is outcome for case in _cases(reports, filters))

    return counted


def duration_seconds(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Add the times of the cases up, exactly.

    Raises:
        NotApplicableError: there are cases and none of them has a time.
    """
    cases = _cases(reports, filters)
    times = [case.seconds for case in cases if case.seconds is not None]
    if cases and not times:
        raise NotApplicableError("no case has a time")
    return float(sum(times, Decimal(0)))


def failing(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Name the cases that failed or ended in an error."""
    bad = (Outcome.FAILED, Outcome.ERRORED)
    names = {f"{case.suite}::{case.name or ''}" for case in _cases(reports, filters) if case.outcome in bad}
    return [*sorted(names)]


def _cases(reports: Sequence[Report], filters: Filters) -> list[CaseFact]:
    """Return the cases that the filters let through.

    Raises:
        ReportKindError: a report is none of tests.
        NotApplicableError: there is a filter and it fits no case: a renamed test must not pass.
    """
    cases: list[CaseFact] = []
    for report in reports:
        if report.tests is None:
            raise ReportKindError("not a report of tests")
        cases.extend(case for case in report.tests if _is_meant(case, filters))
    if not cases and not (filters.suite is None and filters.name is None):
        raise NotApplicableError("no case has that suite and name")
    return cases


def _is_meant(case: CaseFact, filters: Filters) -> bool:
    if not lets_through(filters.name, case.name):
        return False
    pattern = filters.suite
    return pattern is None or pattern.matches(case.suite) or any(pattern.matches(suite) for suite in case.enclosing)
