"""JaCoCo XML: counters of source files."""

import attrs

from decision_gate.mcp.evidence.report.errors import ReportInvalidError
from decision_gate.mcp.evidence.report.facts import Report, SourceFact
from decision_gate.mcp.evidence.report.text import count
from decision_gate.mcp.evidence.report.times import from_epoch_millis
from decision_gate.mcp.evidence.report.xml_stream import read_xml

ROOT = "report"
"""The outermost element of the format."""


def read_jacoco(content: bytes) -> Report:
    """Read the counters of each source file, named ``package/file``; its time is the latest dump of a session.

    Raises:
        ReportInvalidError: no XML, another root, a source file outside a package, or a counter without counts.
    """
    reader = _Reader()
    read_xml(content, reader)
    return Report(coverage=tuple(reader.sources), generated_at=from_epoch_millis(max(reader.dumps, default=None)))


@attrs.define
class _Counters:
    """``covered, total`` of one source file."""

    path: str
    lines: tuple[int, int] = (0, 0)
    branches: tuple[int, int] = (0, 0)


class _Reader:
    def __init__(self) -> None:
        self.sources: list[SourceFact] = []
        self.dumps: list[int] = []
        self._is_root = True
        self._package: str | None = None
        self._source: _Counters | None = None

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        if self._is_root and tag != ROOT:
            raise ReportInvalidError(f"the root is {tag}, not {ROOT}", line=line)
        self._is_root = False
        match tag:
            case "sessioninfo":
                self.dumps += [dump] if (dump := count(attributes.get("dump", ""))) is not None else []
            case "package":
                self._package = attributes.get("name", "")
            case "sourcefile":
                if self._package is None or self._source is not None:
                    raise ReportInvalidError("a sourcefile outside a package", line=line)
                name = attributes.get("name", "")
                self._source = _Counters(f"{self._package}/{name}" if self._package else name)
            case "counter" if self._source is not None:
                self._count(self._source, attributes, line)

    def end(self, tag: str) -> None:
        if tag == "package":
            self._package = None
        elif tag == "sourcefile" and self._source is not None:
            (lines_covered, lines), (branches_covered, branches) = self._source.lines, self._source.branches
            self.sources.append(
                SourceFact(
                    path=self._source.path,
                    lines_total=lines,
                    lines_covered=lines_covered,
                    branches_total=branches,
                    branches_covered=branches_covered,
                )
            )
            self._source = None

    def _count(self, source: _Counters, attributes: dict[str, str], line: int) -> None:
        missed, covered = count(attributes.get("missed", "")), count(attributes.get("covered", ""))
        if missed is None or covered is None:
            raise ReportInvalidError("a counter without counts", line=line)
        match attributes.get("type"):
            case "LINE":
                source.lines = (covered, covered + missed)
            case "BRANCH":
                source.branches = (covered, covered + missed)
            case _:
                pass  # instructions, complexity, methods, classes
