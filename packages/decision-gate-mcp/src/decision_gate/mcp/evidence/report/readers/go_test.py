"""The output of ``go test -json``: one event a line."""

import attrs

from decision_gate.core.comparators.temporal import instant
from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.mcp.evidence.report.errors import ReportInvalidError
from decision_gate.mcp.evidence.report.facts import CaseFact, Outcome, Report
from decision_gate.mcp.evidence.report.text import lines_of, number

_ENDS = {"pass": Outcome.PASSED, "fail": Outcome.FAILED, "skip": Outcome.SKIPPED}
_PACKAGE_CASE = "TestMain"  # the name under which gotestsum reports what no test of a package did


def read_go_test(content: bytes) -> Report:
    """Read the tests and subtests that ended, parents too; a package that fails without any of them is one error.

    Raises:
        ReportInvalidError: a line that is no event, a package that began and did not end, or a build that failed
            without a package that did.
    """
    reader = _Reader()
    for line, text in enumerate(lines_of(content), start=1):
        if text.strip():
            reader.take(_event(text, line), line)
    for package in reader.packages.values():
        if package.is_running:
            raise ReportInvalidError(f"package {package.name} began and did not end", line=package.line)
    if reader.failed_build_line is not None and not reader.has_failed_package:
        raise ReportInvalidError("a build failed and no package did", line=reader.failed_build_line)
    times = [(moment, time) for time in reader.times if (moment := instant(time)) is not None]
    return Report(tests=tuple(reader.cases), generated_at=min(times)[1] if times else None)


@attrs.define(kw_only=True)
class _Package:
    name: str
    line: int
    is_running: bool = True
    has_failed_test: bool = False


class _Reader:
    def __init__(self) -> None:
        self.cases: list[CaseFact] = []
        self.packages: dict[str, _Package] = {}
        self.times: list[str] = []
        self.failed_build_line: int | None = None
        self.has_failed_package = False

    def take(self, event: dict[str, JsonValue], line: int) -> None:
        action, name, test = (_text(event, member, line) for member in ("Action", "Package", "Test"))
        if action is None:
            raise ReportInvalidError("an event without Action", line=line)
        if time := _text(event, "Time", line):
            self.times.append(time)
        if name is None:  # events of the build name an import path
            if action == "build-fail":
                self.failed_build_line = line
            return
        package = self.packages.get(name)
        if package is None or not package.is_running:
            package = self.packages[name] = _Package(name=name, line=line)
        outcome = _ENDS.get(action)
        if outcome is None:
            return
        if test is not None:
            package.has_failed_test |= outcome is Outcome.FAILED
            seconds = number(str(event.get("Elapsed", "")))
            self.cases.append(CaseFact(suite=name, name=test, outcome=outcome, seconds=seconds, enclosing=(name,)))
            return
        package.is_running = False
        self.has_failed_package |= outcome is Outcome.FAILED
        if outcome is Outcome.FAILED and not package.has_failed_test:
            error = CaseFact(suite=name, name=_PACKAGE_CASE, outcome=Outcome.ERRORED, enclosing=(name,))
            self.cases.append(error)


def _event(text: str, line: int) -> dict[str, JsonValue]:
    try:
        event = parse(text)
    except JsonParseError as error:
        raise ReportInvalidError("a line is no JSON", line=line) from error
    if not isinstance(event, dict):
        raise ReportInvalidError("a line is no JSON object", line=line)
    return event


def _text(event: dict[str, JsonValue], member: str, line: int) -> str | None:
    value = event.get(member)
    if value is None or isinstance(value, str):
        return value
    raise ReportInvalidError(f"{member} is no string", line=line)
