"""One level of a TAP document: its plan, its points, and the subtest that waits for its closing point."""

from decimal import Decimal

import attrs

from decision_gate.mcp.evidence.report.errors import ReportInconsistentError
from decision_gate.mcp.evidence.report.facts import CaseFact, Outcome

_MILLIS = Decimal(1000)


@attrs.define(kw_only=True)
class TapPoint:
    """One leaf.

    Attributes:
        suites: names of the subtests around it, innermost first.
        is_hook: it closes a subtest in which nothing failed, and says that something did.
    """

    name: str
    is_ok: bool
    is_skipped: bool
    is_hook: bool = False
    seconds: Decimal | None = None
    suites: list[str] = attrs.field(factory=list)

    @property
    def has_failed(self) -> bool:
        """Whether it counts against its subtest."""
        return not self.is_ok and not self.is_skipped

    def take_millis(self, millis: Decimal | None) -> None:
        """Note how long it took."""
        if millis is not None:
            self.seconds = millis / _MILLIS

    def fact(self) -> CaseFact:
        """Return the case."""
        failure = Outcome.ERRORED if self.is_hook else Outcome.FAILED
        outcome = Outcome.SKIPPED if self.is_skipped else Outcome.PASSED if self.is_ok else failure
        return CaseFact(
            suite=self.suites[0] if self.suites else "",
            name=self.name,
            outcome=outcome,
            seconds=self.seconds,
            enclosing=tuple(self.suites),
        )


@attrs.define(kw_only=True)
class TapLevel:
    """A plan and the points that it speaks of.

    Attributes:
        line: where the level begins.
        leaves: cases found so far, those of closed subtests included.
        below: leaves of a subtest that ended and whose closing point has not come; None when there is none.
        opened: a point that opened a subtest in braces.
    """

    line: int
    leaves: list[TapPoint] = attrs.field(factory=list)
    below: list[TapPoint] | None = None
    opened: TapPoint | None = None
    _points: int = 0
    _planned: int | None = None

    def plan(self, planned: int, reason: str, line: int) -> None:
        """Take the plan; none of no tests is one skipped case when it says so.

        Raises:
            ReportInconsistentError: it is the second one.
        """
        if self._planned is not None:
            raise ReportInconsistentError("a second plan", line=line)
        self._planned = planned
        if planned == 0 and reason.lower().startswith("skip"):
            self.leaves.append(TapPoint(name=reason, is_ok=True, is_skipped=True))

    def add(self, point: TapPoint, *, is_opening: bool) -> None:
        """Take a point: a leaf, or what closes the subtest before it, or what opens one in braces."""
        self._points += 1
        if is_opening:
            self.opened = point
        elif self.below is None:
            self.leaves.append(point)
        else:
            self._close(point, self.below)

    def close_brace(self) -> None:
        """End the subtest that was opened in braces; a lone brace says nothing."""
        if self.opened is not None:
            point, self.opened = self.opened, None
            self._close(point, self.below or [])

    def finish(self) -> list[TapPoint]:
        """Return the leaves at the end of the level.

        Raises:
            ReportInconsistentError: a plan is missing or contradicted, or a subtest is not closed.
        """
        if self.below is not None or self.opened is not None:
            raise ReportInconsistentError("a subtest without the point that closes it", line=self.line)
        if self._planned is None:
            raise ReportInconsistentError("no plan", line=self.line)
        if self._planned != self._points:
            raise ReportInconsistentError(f"a plan of {self._planned} and {self._points} points", line=self.line)
        return self.leaves

    def _close(self, point: TapPoint, leaves: list[TapPoint]) -> None:
        self.below = None
        for leaf in leaves:
            leaf.suites.append(point.name)
        self.leaves.extend(leaves)
        if point.has_failed and not any(leaf.has_failed for leaf in leaves):
            point.is_hook = True
            self.leaves.append(point)
