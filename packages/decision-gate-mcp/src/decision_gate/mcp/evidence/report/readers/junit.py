"""JUnit XML, as its many writers write it; only the parts that decide are read."""

import re
from decimal import Decimal

import attrs

from decision_gate.core.comparators.temporal import instant
from decision_gate.mcp.evidence.report.errors import ReportInconsistentError, ReportInvalidError
from decision_gate.mcp.evidence.report.facts import CaseFact, Outcome, Report
from decision_gate.mcp.evidence.report.text import count, number
from decision_gate.mcp.evidence.report.xml_stream import read_xml

ROOTS = frozenset(("testsuites", "testsuite"))
"""The outermost elements of the format."""

_NOT_RUN = frozenset(("notrun", "disabled"))  # GoogleTest says so in an attribute and not in an element
_OUTCOMES = {"skipped": Outcome.SKIPPED, "error": Outcome.ERRORED, "failure": Outcome.FAILED}


def read_junit(content: bytes) -> Report:
    """Read the cases; flaky and rerun elements say nothing, the last run of a case decides.

    Declared totals are held against the cases where they declare more than these. Cases that are missing and that
    the suite's own ``skipped`` accounts for are skipped cases without a name.

    Raises:
        ReportInvalidError: no XML, another root, a case outside a suite, or a total that is no number.
        ReportInconsistentError: a suite declares more failures and errors, or more tests, than it contains.
    """
    reader = _Reader()
    read_xml(content, reader)
    return Report(tests=tuple(reader.cases), generated_at=reader.earliest())


@attrs.define(kw_only=True)
class _Suite:
    name: str
    enclosing: tuple[str, ...]
    line: int
    tests: int | None
    skipped: int | None
    bad: int
    cases_shown: int = 0
    skipped_shown: int = 0
    bad_shown: int = 0
    skipped_below: int = 0

    def take(self, inner: "_Suite") -> None:
        """Add what a suite inside this one contains."""
        self.cases_shown += inner.cases_shown
        self.skipped_shown += inner.skipped_shown
        self.bad_shown += inner.bad_shown
        self.skipped_below += inner.skipped_below if inner.skipped is None else inner.skipped


@attrs.define(kw_only=True)
class _Case:
    classname: str
    name: str
    seconds: Decimal | None
    is_not_run: bool
    found: set[str] = attrs.field(factory=set)

    def outcome(self) -> Outcome:
        if self.is_not_run:
            return Outcome.SKIPPED
        return next((outcome for tag, outcome in _OUTCOMES.items() if tag in self.found), Outcome.PASSED)


class _Reader:
    """Follows the elements: suites, the case that is open, and how deep we are in something else."""

    def __init__(self) -> None:
        self.cases: list[CaseFact] = []
        self._suites: list[_Suite] = []
        self._case: _Case | None = None
        self._ignored = 0
        self._times: list[str] = []

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        if not self._suites and tag not in ROOTS:
            raise ReportInvalidError(f"the root is {tag}, not testsuites or testsuite", line=line)
        if tag in ROOTS or tag == "testcase":
            if self._ignored or self._case is not None:
                raise ReportInvalidError(f"a {tag} inside something that is no suite", line=line)
            if tag == "testcase":
                self._case = _case(attributes)
            else:
                self._begin_suite(attributes, line)
            return
        if self._case is not None and not self._ignored:
            self._case.found.add(tag)
        self._ignored += 1

    def end(self, tag: str) -> None:
        if self._ignored:
            self._ignored -= 1
        elif self._case is not None:
            self._end_case(self._case)
        elif tag in ROOTS:
            self._end_suite()

    def earliest(self) -> str | None:
        """Return the first time of a suite; none when one of them has no offset and cannot be placed."""
        moments = [(instant(time), time) for time in self._times]
        placed = [(moment, time) for moment, time in moments if moment is not None]
        return min(placed)[1] if placed and len(placed) == len(moments) else None

    def _begin_suite(self, attributes: dict[str, str], line: int) -> None:
        if time := attributes.get("timestamp"):
            self._times.append(time)
        name = attributes.get("name", "")
        self._suites.append(
            _Suite(
                name=name,
                enclosing=(name, *(self._suites[-1].enclosing if self._suites else ())),
                line=line,
                tests=_total(attributes, "tests", line),
                skipped=_total(attributes, "skipped", line),
                bad=(_total(attributes, "failures", line) or 0) + (_total(attributes, "errors", line) or 0),
            )
        )

    def _end_suite(self) -> None:
        suite = self._suites.pop()
        if suite.bad > suite.bad_shown:
            raise ReportInconsistentError(
                f"a suite declares {suite.bad} failures and errors and shows {suite.bad_shown}", line=suite.line
            )
        if not self._suites or self._suites[0].tests is None:
            self._account_for_missing(suite)
        if self._suites:
            self._suites[-1].take(suite)

    def _account_for_missing(self, suite: _Suite) -> None:
        missing = (suite.tests or 0) - suite.cases_shown
        if missing <= 0:
            return
        declared = suite.skipped_below if suite.skipped is None else suite.skipped
        if missing > declared - suite.skipped_shown or missing > _MAX_UNSHOWN:
            raise ReportInconsistentError(
                f"a suite declares {suite.tests} tests and shows {suite.cases_shown}", line=suite.line
            )
        unshown = CaseFact(suite=suite.name, name=None, outcome=Outcome.SKIPPED, enclosing=suite.enclosing)
        self.cases.extend([unshown] * missing)
        suite.cases_shown += missing
        suite.skipped_shown += missing

    def _end_case(self, case: _Case) -> None:
        suite = self._suites[-1]
        outcome = case.outcome()
        self._case = None
        suite.cases_shown += 1
        suite.skipped_shown += outcome is Outcome.SKIPPED
        # Writers count a case that failed and is to be skipped as a failure too (node), and a case with both as two.
        suite.bad_shown += len(case.found & {"failure", "error"})
        self.cases.append(
            CaseFact(
                suite=case.classname or suite.name,
                name=case.name,
                outcome=outcome,
                seconds=case.seconds,
                enclosing=suite.enclosing,
            )
        )


_MAX_UNSHOWN = 1_000_000  # cases that a few bytes may claim
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")


def _case(attributes: dict[str, str]) -> _Case:
    return _Case(
        classname=attributes.get("classname", ""),
        name=attributes.get("name", ""),
        seconds=_seconds(attributes.get("time", "")),
        is_not_run=attributes.get("status") in _NOT_RUN,
    )


def _seconds(text: str) -> Decimal | None:
    """Read a time; commas only part thousands, as Surefire writes 1,234.5: 0,5 is a half and not five."""
    return number(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text)


def _total(attributes: dict[str, str], name: str, line: int) -> int | None:
    text = attributes.get(name, "")
    if not text.strip():
        return None
    total = count(text)
    if total is None:
        raise ReportInvalidError(f"{name} is no count", line=line)
    return total
