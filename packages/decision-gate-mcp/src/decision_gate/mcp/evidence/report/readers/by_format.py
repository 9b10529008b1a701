"""Which reader reads which format, and how content of unknown format is recognised."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.mcp.evidence.report.errors import ReportUnrecognisedError
from decision_gate.mcp.evidence.report.facts import Report
from decision_gate.mcp.evidence.report.json_view import read_json
from decision_gate.mcp.evidence.report.readers import cobertura, jacoco, junit
from decision_gate.mcp.evidence.report.readers.cyclonedx import read_cyclonedx
from decision_gate.mcp.evidence.report.readers.go_test import read_go_test
from decision_gate.mcp.evidence.report.readers.lcov import read_lcov
from decision_gate.mcp.evidence.report.readers.npm_audit import read_npm_audit
from decision_gate.mcp.evidence.report.readers.pip_audit import read_pip_audit
from decision_gate.mcp.evidence.report.readers.sarif import read_sarif
from decision_gate.mcp.evidence.report.readers.tap import is_tap, read_tap
from decision_gate.mcp.evidence.report.text import decode, lines_of
from decision_gate.mcp.evidence.report.xml_stream import xml_root

Reader = Callable[[bytes], Report]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "junit": junit.read_junit,
        "tap": read_tap,
        "go-test": read_go_test,
        "cobertura": cobertura.read_cobertura,
        "jacoco": jacoco.read_jacoco,
        "lcov": read_lcov,
        "sarif": read_sarif,
        "cyclonedx": read_cyclonedx,
        "pip-audit": read_pip_audit,
        "npm-audit": read_npm_audit,
    }
)
"""The readers by the names of their formats, in the order in which these are published."""


def recognise(content: bytes) -> str:
    """Return the name of a format of ``READERS``, from the content alone.

    Raises:
        ReportUnrecognisedError: it is none of them.
        ReportInvalidError: it begins as XML or JSON and is not.
    """
    text, _ = decode(content)
    begin = text.lstrip()[:1]
    if begin == "<":
        found = _xml_format(content)
    elif begin in ("{", "["):
        found = "go-test" if _is_event(text) else _json_format(read_json(content).value)
    else:
        found = _line_format(lines_of(content))
    if found is None:
        raise ReportUnrecognisedError("a report of no known format")
    return found


def _xml_format(content: bytes) -> str | None:
    root = xml_root(content)
    if root.tag in junit.ROOTS:
        return "junit"
    if root.tag == jacoco.ROOT:
        return "jacoco"
    if root.tag == cobertura.ROOT and "generated" not in root.attributes and "clover" not in root.attributes:
        return "cobertura"  # Clover's root has the same name
    return None


def _json_format(document: JsonValue) -> str | None:
    match document:
        case {"bomFormat": "CycloneDX"}:
            return "cyclonedx"
        case {"runs": list()}:
            return "sarif"
        case {"$schema": str() as schema} if "sarif" in schema:
            return "sarif"
        case {"auditReportVersion": _, "vulnerabilities": _}:
            return "npm-audit"
        case {"dependencies": list()}:
            return "pip-audit"
        case [{"name": str(), "vulns": _} | {"name": str(), "skip_reason": _}, *_]:
            return "pip-audit"
        case _:
            return None


def _is_event(text: str) -> bool:
    """Tell whether the first line is one whole JSON object with an action."""
    first = text.lstrip().split("\n", 1)[0]
    if '"Action"' not in first:
        return False
    try:
        event = parse(first)
    except JsonParseError:
        return False
    return isinstance(event, dict) and isinstance(event.get("Action"), str)


def _line_format(lines: list[str]) -> str | None:
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if first.startswith(("TN:", "SF:")):
        return "lcov"
    return "tap" if is_tap(lines) else None
