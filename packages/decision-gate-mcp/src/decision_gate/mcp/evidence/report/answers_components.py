"""Answers about the parts of a bill of materials."""

from collections.abc import Sequence

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.report.errors import ReportKindError
from decision_gate.mcp.evidence.report.facts import ComponentFact, Report
from decision_gate.mcp.evidence.report.filters import Filters, lets_through


def count(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Count the components."""
    return len(_components(reports, filters))


def names(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Name the components."""
    return [*sorted({component.name for component in _components(reports, filters)})]


def licenses(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Name all licences of the components that the filters let through, also those that the filter does not fit."""
    return [*sorted({licence for component in _components(reports, filters) for licence in component.licenses})]


def unlicensed(reports: Sequence[Report], filters: Filters) -> JsonValue:
    """Name the components for which no licence is stated."""
    return [*sorted({component.name for component in _components(reports, filters) if not component.licenses})]


def _components(reports: Sequence[Report], filters: Filters) -> list[ComponentFact]:
    """Return the components that the filters let through.

    Raises:
        ReportKindError: a report is no bill of materials.
    """
    components: list[ComponentFact] = []
    for report in reports:
        if report.components is None:
            raise ReportKindError("not a bill of materials")
        components.extend(component for component in report.components if _is_meant(component, filters))
    return components


def _is_meant(component: ComponentFact, filters: Filters) -> bool:
    pattern = filters.license
    return (
        lets_through(filters.name, component.name)
        and lets_through(filters.type, component.kind)
        and (pattern is None or any(pattern.matches(licence) for licence in component.licenses))
    )
