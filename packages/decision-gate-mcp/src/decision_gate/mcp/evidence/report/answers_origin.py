"""Answers about the report itself; what it says of its time and its tool is a claim."""

from collections.abc import Sequence

from decision_gate.core.comparators.temporal import instant
from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.report.errors import NotApplicableError
from decision_gate.mcp.evidence.report.facts import Report
from decision_gate.mcp.evidence.report.filters import Filters


def generated_at(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Return when the report was made; of several the earliest time, so that none of them is older.

    Raises:
        NotApplicableError: a report does not say, or says it without offset.
    """
    del filters
    times = [report.generated_at for report in reports]
    placed = [(moment, time) for time in times if time is not None and (moment := instant(time)) is not None]
    if len(placed) < len(times):
        raise NotApplicableError("the report has no time with an offset")
    return min(placed)[1]


def tool(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Return ``{name, version}`` of the tool that wrote all the reports; a version that is not stated is null.

    Raises:
        NotApplicableError: a report does not say, or they were written by different ones.
    """
    del filters
    tools = {report.tool for report in reports}
    found = tools.pop()
    if found is None or tools:
        raise NotApplicableError("the report does not name one tool")
    return {"name": found.name, "version": found.version}
