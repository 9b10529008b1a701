"""Answers about coverage."""

from collections.abc import Callable, Sequence
from operator import attrgetter

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.report.errors import NotApplicableError, ReportKindError
from decision_gate.mcp.evidence.report.facts import Report, SourceFact
from decision_gate.mcp.evidence.report.filters import Filters, lets_through


def line_percent(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Return the percentage of lines that ran; see ``_percent``."""
    sources = _sources(reports, filters)
    return _percent(sum(source.lines_covered for source in sources), sum(source.lines_total for source in sources))


def branch_percent(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Return the percentage of branches that were taken; see ``_percent``."""
    sources = _sources(reports, filters)
    return _percent(
        sum(source.branches_covered for source in sources), sum(source.branches_total for source in sources)
    )


def adder(count: str) -> Callable[[Sequence[Report], Filters], JsonValue]:
    """Make the answer that adds one count of ``SourceFact`` up."""
    read: Callable[[SourceFact], int] = attrgetter(count)

    def added(reports: Sequence[Report], filters: Filters) -> JsonValue:
        return sum(read(source) for source in _sources(reports, filters))

    return added


def _percent(covered: int, total: int) -> float:
    """Cut to two decimals, never up: 20000 of 20001 is 99.99.

    Raises:
        NotApplicableError: there is nothing to count; 100 would be a pass for nothing.
    """
    if total == 0:
        raise NotApplicableError("nothing to count")
    return covered * 10_000 // total / 100


def _sources(reports: Sequence[Report], filters: Filters) -> list[SourceFact]:
    """Return the sources that the filter lets through.

    Raises:
        ReportKindError: a report is none of coverage.
        NotApplicableError: there is a filter and it fits no source.
    """
    sources: list[SourceFact] = []
    for report in reports:
        if report.coverage is None:
            raise ReportKindError("not a report of coverage")
        sources.extend(source for source in report.coverage if lets_through(filters.path, source.path))
    if not sources and filters.path is not None:
        raise NotApplicableError("no source file has that path")
    return sources
