"""LCOV trace files: lines of ``KEY:values``, one record a source file and test."""

import re

import attrs

from decision_gate.mcp.evidence.report.errors import ReportInconsistentError, ReportInvalidError
from decision_gate.mcp.evidence.report.facts import Report, SourceFact
from decision_gate.mcp.evidence.report.text import count, lines_of

_LINE = re.compile(r"([0-9]{1,18}),(-?[0-9]{1,18})(?:,.*)?")
# The middle is block and branch; coverage.py writes prose there.
_BRANCH = re.compile(r"([0-9]{1,18}),([^,]*,.*),(-|[0-9]{1,18})")
_KEY = re.compile(r"[A-Z]+:")


def read_lcov(content: bytes) -> Report:
    """Read the records; those of one source file are united line by line and branch by branch.

    Raises:
        ReportInvalidError: a line that is no entry, or a record without beginning or end.
        ReportInconsistentError: ``LF`` or ``LH`` declare more lines than the record shows.
    """
    sources: dict[str, _Source] = {}
    record: _Record | None = None
    for number, text in enumerate(lines_of(content), start=1):
        line = text.rstrip()
        key, _, value = line.partition(":")
        if key == "SF":
            if record is not None:
                raise ReportInvalidError("a record inside another", line=number)
            record = _Record(source=sources.setdefault(value, _Source()), line=number)
        elif line == "end_of_record":
            if record is None:
                raise ReportInvalidError("end_of_record outside a record", line=number)
            record.check()
            record = None
        elif record is not None:
            record.take(key, value, number)
        elif line and not line.startswith(("TN:", "#")):
            raise ReportInvalidError("an entry outside a record", line=number)
    if record is not None:
        raise ReportInvalidError("a record without end", line=record.line)
    return Report(coverage=tuple(source.fact(path) for path, source in sources.items()))


@attrs.define
class _Source:
    lines: dict[int, bool] = attrs.field(factory=dict)
    branches: dict[tuple[int, str], bool] = attrs.field(factory=dict)

    def fact(self, path: str) -> SourceFact:
        return SourceFact(
            path=path,
            lines_total=len(self.lines),
            lines_covered=sum(self.lines.values()),
            branches_total=len(self.branches),
            branches_covered=sum(self.branches.values()),
        )


@attrs.define(kw_only=True)
class _Record:
    source: _Source
    line: int
    lines_shown: int = 0
    hits_shown: int = 0
    lines_declared: int = 0
    hits_declared: int = 0

    def take(self, key: str, value: str, line: int) -> None:
        match key:
            case "DA":
                self._take_line(value, line)
            case "BRDA":
                self._take_branch(value, line)
            case "LF":
                self.lines_declared = _count(value, line)
            case "LH":
                self.hits_declared = _count(value, line)
            case _ if (key or value) and not key.startswith("#") and not _KEY.fullmatch(f"{key}:"):
                raise ReportInvalidError("a line that is no entry", line=line)

    def check(self) -> None:
        if self.lines_declared > self.lines_shown or self.hits_declared > self.hits_shown:
            raise ReportInconsistentError(
                f"a record declares {self.lines_declared} lines, {self.hits_declared} of them hit, "
                f"and shows {self.lines_shown}, {self.hits_shown} of them hit",
                line=self.line,
            )

    def _take_line(self, value: str, line: int) -> None:
        found = _LINE.fullmatch(value)
        if found is None:
            raise ReportInvalidError("a DA entry without line and hits", line=line)
        number, hits = found.groups()
        is_hit = int(hits) > 0
        self.lines_shown += 1
        self.hits_shown += is_hit
        self.source.lines[int(number)] = self.source.lines.get(int(number), False) or is_hit

    def _take_branch(self, value: str, line: int) -> None:
        found = _BRANCH.fullmatch(value)
        if found is None:
            raise ReportInvalidError("a BRDA entry without line, branch and count", line=line)
        number, branch, taken = found.groups()
        key = (int(number), branch)
        self.source.branches[key] = self.source.branches.get(key, False) or (taken != "-" and int(taken) > 0)


def _count(value: str, line: int) -> int:
    total = count(value)
    if total is None:
        raise ReportInvalidError("a total that is no count", line=line)
    return total
