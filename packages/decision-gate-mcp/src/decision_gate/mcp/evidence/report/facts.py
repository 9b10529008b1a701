"""What a report says, whatever tool wrote it."""

from decimal import Decimal
from enum import Enum, auto

import attrs

from decision_gate.mcp.evidence.report.severity import Severity


class Outcome(Enum):
    """How a case ended; a skipped case is not a passed one."""

    PASSED = auto()
    FAILED = auto()
    ERRORED = auto()
    SKIPPED = auto()


@attrs.frozen(kw_only=True)
class CaseFact:
    """One case of a test report.

    Attributes:
        suite: what it belongs to, empty when the report does not say.
        name: None for a case that the report counts without showing it.
        seconds: how long it took, None when the report does not say.
        enclosing: names of the suites around it, innermost first.
    """

    suite: str
    name: str | None
    outcome: Outcome
    seconds: Decimal | None = None
    enclosing: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class SourceFact:
    """What was run of one source file."""

    path: str
    lines_total: int
    lines_covered: int
    branches_total: int
    branches_covered: int


@attrs.frozen(kw_only=True)
class FindingFact:
    """One finding of a scan.

    Attributes:
        rule: id of the rule or advisory, empty when the report names none.
        severity: None when the report gives none, or one that is not known.
        is_suppressed: somebody has decided that it does not count.
        baseline_state: how it compares to an earlier scan, None when nothing was compared.
    """

    rule: str
    severity: Severity | None
    is_suppressed: bool = False
    baseline_state: str | None = None


@attrs.frozen(kw_only=True)
class ComponentFact:
    """One part of a bill of materials; ``licenses`` are ids, names or expressions."""

    name: str
    kind: str
    licenses: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Tool:
    """Who wrote the report, as the report claims."""

    name: str
    version: str | None


@attrs.frozen(kw_only=True)
class Report:
    """One report; a family of facts that its format does not have is None.

    Attributes:
        is_comparing: its findings can name a ``baseline_state``.
        generated_at: RFC 3339, as the report claims.
    """

    tests: tuple[CaseFact, ...] | None = None
    coverage: tuple[SourceFact, ...] | None = None
    findings: tuple[FindingFact, ...] | None = None
    components: tuple[ComponentFact, ...] | None = None
    is_comparing: bool = False
    generated_at: str | None = None
    tool: Tool | None = None
