"""The JSON of ``npm audit`` (version 2 of its reports, npm 7 and later)."""

import re

from decision_gate.mcp.evidence.report.errors import ReportInconsistentError
from decision_gate.mcp.evidence.report.facts import FindingFact, Report
from decision_gate.mcp.evidence.report.json_view import JsonView, read_json
from decision_gate.mcp.evidence.report.severity import Severity

_SEVERITIES = {
    "info": Severity.NONE,
    "low": Severity.LOW,
    "moderate": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}
_ADVISORY = re.compile(r"/(GHSA-[0-9A-Za-z-]+)/?\Z")


def read_npm_audit(content: bytes) -> Report:
    """Read one finding for each distinct advisory; a package affected through another is none of its own.

    Raises:
        ReportInvalidError: not strict JSON, or not of the shape that the tool writes.
        ReportInconsistentError: the totals declare more packages than there are, or packages are affected by nothing.
    """
    document = read_json(content)
    packages = document.member("vulnerabilities")
    if packages is None:
        raise document.unfit("an object with vulnerabilities")
    entries = [JsonView(entry, f"{packages.path}.{name}") for name, entry in packages.members().items()]
    _check_totals(document, entries)
    findings: dict[str, FindingFact] = {}
    for entry in entries:
        for via in entry.items_of("via"):
            if not isinstance(via.value, str):
                _add(findings, _finding(via))
    if entries and not findings:
        raise ReportInconsistentError("packages are affected and no advisory is named", path=packages.path)
    return Report(findings=tuple(findings.values()))


def _finding(via: JsonView) -> FindingFact:
    url = via.text("url") or ""
    found = _ADVISORY.search(url)
    source = via.members().get("source")
    rule = found[1] if found else url or ("" if source is None else str(source))
    return FindingFact(rule=rule, severity=_SEVERITIES.get(via.text("severity") or ""))


def _add(findings: dict[str, FindingFact], finding: FindingFact) -> None:
    """Keep one finding for each advisory: the worst, and an unknown severity is the worst of all."""
    known = findings.get(finding.rule)
    if known is None or _is_worse(finding.severity, known.severity):
        findings[finding.rule] = finding


def _is_worse(severity: Severity | None, than: Severity | None) -> bool:
    return than is not None and (severity is None or severity > than)


def _check_totals(document: JsonView, entries: list[JsonView]) -> None:
    metadata = document.member("metadata")
    totals = None if metadata is None else metadata.member("vulnerabilities")
    if totals is None:
        return
    severities = [entry.text("severity") for entry in entries]
    shown = {word: severities.count(word) for word in _SEVERITIES} | {"total": len(entries)}
    for word, number in shown.items():
        declared = totals.whole(word) or 0
        if declared > number:
            raise ReportInconsistentError(
                f"{declared} packages are declared as {word} and {number} are shown", path=f"{totals.path}.{word}"
            )
