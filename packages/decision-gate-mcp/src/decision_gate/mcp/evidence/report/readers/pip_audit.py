"""The JSON of ``pip-audit``: dependencies and what is known against them; it gives no severities."""

from decision_gate.mcp.evidence.report.errors import ReportIncompleteError
from decision_gate.mcp.evidence.report.facts import FindingFact, Report
from decision_gate.mcp.evidence.report.json_view import read_json


def read_pip_audit(content: bytes) -> Report:
    """Read one finding for each vulnerability of each dependency; before version 2.5 the document is the bare list.

    Raises:
        ReportInvalidError: not strict JSON, or not of the shape that the tool writes.
        ReportIncompleteError: a dependency was skipped.
    """
    document = read_json(content)
    if isinstance(document.value, list):
        dependencies = document
    else:
        found = document.member("dependencies")
        if found is None:
            raise document.unfit("an object with dependencies")
        dependencies = found
    findings: list[FindingFact] = []
    for dependency in dependencies.items():
        if dependency.member("skip_reason") is not None:
            raise ReportIncompleteError("a dependency was not audited", path=dependency.path)
        vulnerabilities = dependency.member("vulns")
        if vulnerabilities is None:
            raise dependency.unfit("an audited dependency")
        findings.extend(FindingFact(rule=entry.text("id") or "", severity=None) for entry in vulnerabilities.items())
    return Report(findings=tuple(findings))
