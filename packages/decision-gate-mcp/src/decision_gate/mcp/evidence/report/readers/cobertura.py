"""Cobertura XML: percentages are recomputed from the lines, the file's own are rounded."""

import re

import attrs

from decision_gate.mcp.evidence.report.errors import ReportInconsistentError, ReportInvalidError
from decision_gate.mcp.evidence.report.facts import Report, SourceFact
from decision_gate.mcp.evidence.report.text import count
from decision_gate.mcp.evidence.report.times import from_epoch_millis
from decision_gate.mcp.evidence.report.xml_stream import read_xml

ROOT = "coverage"
"""The outermost element of the format."""

_CONDITIONS = re.compile(r".*\(([0-9]{1,9})/([0-9]{1,9})\)\s*")


def read_cobertura(content: bytes) -> Report:
    """Read the lines of every class; classes of one source file are united line by line.

    Raises:
        ReportInvalidError: no XML, another root, a line outside a class or without number and hits.
        ReportInconsistentError: ``lines-valid`` or ``lines-covered`` declare more lines than the classes show.
    """
    reader = _Reader()
    read_xml(content, reader)
    reader.check()
    return Report(
        coverage=tuple(_fact(path, lines) for path, lines in reader.sources.items()),
        generated_at=from_epoch_millis(reader.timestamp),
    )


@attrs.define
class _Line:
    is_hit: bool
    branches: int
    branches_hit: int

    def unite(self, other: "_Line") -> None:
        self.is_hit = self.is_hit or other.is_hit
        self.branches = max(self.branches, other.branches)
        self.branches_hit = max(self.branches_hit, other.branches_hit)


_Lines = dict[int, _Line]


class _Reader:
    def __init__(self) -> None:
        self.sources: dict[str, _Lines] = {}
        self.timestamp: int | None = None
        self._is_root = True
        self._declared = (0, 0)
        self._shown = [0, 0]
        self._class: tuple[str, _Lines] | None = None

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        if self._is_root:
            self._take_root(tag, attributes, line)
        elif tag == "class":
            if self._class is not None:
                raise ReportInvalidError("a class inside another", line=line)
            if "filename" not in attributes:
                raise ReportInvalidError("a class without filename", line=line)
            self._class = (attributes["filename"], {})
        elif tag == "line":
            if self._class is None:
                raise ReportInvalidError("a line outside a class", line=line)
            _unite(self._class[1], *_line(attributes, line))

    def end(self, tag: str) -> None:
        if tag == "class" and self._class is not None:
            path, lines = self._class
            self._class = None
            self._shown[0] += len(lines)
            self._shown[1] += sum(found.is_hit for found in lines.values())
            source = self.sources.setdefault(path, {})
            for number, found in lines.items():
                _unite(source, number, found)

    def check(self) -> None:
        """Hold the totals of the root against the lines, each class counted by itself as their writers do."""
        valid, covered = self._declared
        if valid > self._shown[0] or covered > self._shown[1]:
            raise ReportInconsistentError(
                f"the root declares {valid} lines, {covered} of them covered, "
                f"and the classes show {self._shown[0]}, {self._shown[1]} of them covered",
                line=1,
            )

    def _take_root(self, tag: str, attributes: dict[str, str], line: int) -> None:
        if tag != ROOT:
            raise ReportInvalidError(f"the root is {tag}, not {ROOT}", line=line)
        self._is_root = False
        self._declared = (_total(attributes, "lines-valid", line), _total(attributes, "lines-covered", line))
        self.timestamp = count(attributes.get("timestamp", ""))


def _unite(lines: _Lines, number: int, found: _Line) -> None:
    known = lines.get(number)
    if known is None:
        lines[number] = attrs.evolve(found)
    else:
        known.unite(found)


def _line(attributes: dict[str, str], line: int) -> tuple[int, _Line]:
    number, hits = count(attributes.get("number", "")), count(attributes.get("hits", ""))
    if number is None or hits is None:
        raise ReportInvalidError("a line without number or hits", line=line)
    conditions = attributes.get("condition-coverage")
    if attributes.get("branch", "").lower() != "true" or conditions is None:
        return number, _Line(hits > 0, 0, 0)
    found = _CONDITIONS.fullmatch(conditions)
    if found is None or int(found[1]) > int(found[2]):
        raise ReportInvalidError("condition-coverage without counts", line=line)
    return number, _Line(hits > 0, int(found[2]), int(found[1]))


def _fact(path: str, lines: _Lines) -> SourceFact:
    return SourceFact(
        path=path,
        lines_total=len(lines),
        lines_covered=sum(line.is_hit for line in lines.values()),
        branches_total=sum(line.branches for line in lines.values()),
        branches_covered=sum(line.branches_hit for line in lines.values()),
    )


def _total(attributes: dict[str, str], name: str, line: int) -> int:
    text = attributes.get(name, "")
    total = count(text) if text else 0
    if total is None:
        raise ReportInvalidError(f"{name} is no count", line=line)
    return total
