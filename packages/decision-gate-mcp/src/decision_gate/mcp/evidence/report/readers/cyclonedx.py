"""CycloneDX JSON 1.4 to 1.6: components and their vulnerabilities."""

from collections.abc import Iterator

from decision_gate.core.comparators.temporal import instant
from decision_gate.mcp.evidence.report.errors import ReportUnrecognisedError
from decision_gate.mcp.evidence.report.facts import ComponentFact, FindingFact, Report, Tool
from decision_gate.mcp.evidence.report.json_view import JsonView, read_json
from decision_gate.mcp.evidence.report.severity import SEVERITY_BY_WORD, Severity

VERSIONS = ("1.4", "1.5", "1.6")
"""Versions of the specification that are read."""

_SUPPRESSED = frozenset(("not_affected", "false_positive", "resolved"))
_SEVERITIES = {**SEVERITY_BY_WORD, "info": Severity.NONE}


def read_cyclonedx(content: bytes) -> Report:
    """Read the components, nested ones too and the described one not, and the vulnerabilities.

    A document without ``vulnerabilities`` has no findings at all, not none of them; the same for ``components``.

    Raises:
        ReportInvalidError: not strict JSON, or not of the shape of CycloneDX.
        ReportUnrecognisedError: another version of the specification.
    """
    document = read_json(content)
    if document.text("specVersion") not in VERSIONS:
        raise ReportUnrecognisedError(f"CycloneDX of another version than {', '.join(VERSIONS)}", path="$.specVersion")
    components, vulnerabilities = document.member("components"), document.member("vulnerabilities")
    metadata = document.member("metadata")
    time = None if metadata is None else metadata.text("timestamp")
    return Report(
        components=None if components is None else tuple(_components(components.items())),
        findings=None if vulnerabilities is None else tuple(_finding(entry) for entry in vulnerabilities.items()),
        generated_at=time if time is not None and instant(time) is not None else None,
        tool=None if metadata is None else _tool(metadata),
    )


def _components(entries: list[JsonView]) -> Iterator[ComponentFact]:
    for entry in entries:
        group, name = entry.text("group"), entry.text("name")
        if name is None:
            raise entry.unfit("a component with a name")
        yield ComponentFact(
            name=f"{group}/{name}" if group else name,
            kind=entry.text("type") or "",
            licenses=tuple(licence for choice in entry.items_of("licenses") if (licence := _licence(choice))),
        )
        yield from _components(entry.items_of("components"))


def _licence(choice: JsonView) -> str | None:
    licence = choice.member("license")
    known = None if licence is None else licence.text("id") or licence.text("name")
    return known or choice.text("expression")


def _finding(entry: JsonView) -> FindingFact:
    """Read a vulnerability; of several ratings the worst known one counts."""
    ratings = [_SEVERITIES.get(rating.text("severity") or "") for rating in entry.items_of("ratings")]
    analysis = entry.member("analysis")
    return FindingFact(
        rule=entry.text("id") or "",
        severity=max((rating for rating in ratings if rating is not None), default=None),
        is_suppressed=analysis is not None and analysis.text("state") in _SUPPRESSED,
    )


def _tool(metadata: JsonView) -> Tool | None:
    """Read the first tool; since 1.5 the tools may be an object of components."""
    tools = metadata.member("tools")
    if tools is None:
        return None
    entries = tools.items_of("components") if isinstance(tools.value, dict) else tools.items()
    name = entries[0].text("name") if entries else None
    return None if name is None else Tool(name=name, version=entries[0].text("version"))
