"""SARIF 2.1: results of static analysis."""

from decimal import Decimal

import attrs

from decision_gate.core.comparators.temporal import instant
from decision_gate.mcp.evidence.report.errors import ReportIncompleteError, ReportInvalidError
from decision_gate.mcp.evidence.report.facts import FindingFact, Report, Tool
from decision_gate.mcp.evidence.report.json_view import JsonView, read_json
from decision_gate.mcp.evidence.report.severity import Severity
from decision_gate.mcp.evidence.report.text import number

_NO_FINDINGS = frozenset(("pass", "notApplicable"))
_LEVELS = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.NONE,
}
_SCORES = (
    (Decimal(9), Severity.CRITICAL),
    (Decimal(7), Severity.HIGH),
    (Decimal(4), Severity.MEDIUM),
)
_MAX_SCORE = Decimal(10)


def read_sarif(content: bytes) -> Report:
    """Read the results of all runs that are findings.

    Its tool is that of the runs when they agree, its time the latest end of an invocation.

    Raises:
        ReportInvalidError: not strict JSON, or not of the shape of SARIF.
        ReportIncompleteError: there is no run, or a run failed or does not hold its results.
    """
    document = read_json(content)
    runs = document.items_of("runs")
    if not runs:
        raise ReportIncompleteError("no runs", path="$.runs")
    findings = [finding for run in runs for finding in _findings(run)]
    tools = {_tool(run) for run in runs}
    return Report(
        findings=tuple(findings),
        is_comparing=True,
        generated_at=_latest(runs),
        tool=tools.pop() if len(tools) == 1 else None,
    )


@attrs.frozen
class _Rules:
    """Rules of the driver and of the extensions of one run."""

    driver: list[JsonView]
    extensions: list[list[JsonView]]
    by_id: dict[str, JsonView]

    def of(self, result: JsonView) -> tuple[str, JsonView | None]:
        """Return the id of a result's rule, and the rule where the run describes it."""
        reference = result.member("rule")
        own_id = result.text("ruleId") or (reference and reference.text("id")) or ""
        index = result.whole("ruleIndex")
        rules = self.driver
        if reference is not None:
            index = reference.whole("index") if index in (None, -1) else index
            rules = self._component(reference)
        if index is None or index == -1:
            return own_id, self._by_id(own_id)
        if not 0 <= index < len(rules):
            raise ReportInvalidError(f"{result.path} names a rule that is not there", path=result.path)
        return own_id or rules[index].text("id") or "", rules[index]

    def _component(self, reference: JsonView) -> list[JsonView]:
        component = reference.member("toolComponent")
        index = None if component is None else component.whole("index")
        if index is None or index == -1:
            return self.driver
        if not 0 <= index < len(self.extensions):
            raise ReportInvalidError(f"{reference.path} names an extension that is not there", path=reference.path)
        return self.extensions[index]

    def _by_id(self, rule_id: str) -> JsonView | None:
        """Find a rule by an id that may name a sub-rule, as in ``CA1000/1``."""
        while rule_id not in self.by_id and "/" in rule_id:
            rule_id = rule_id.rpartition("/")[0]
        return self.by_id.get(rule_id)


def _findings(run: JsonView) -> list[FindingFact]:
    if any(invocation.members().get("executionSuccessful") is False for invocation in run.items_of("invocations")):
        raise ReportIncompleteError("a run did not succeed", path=run.path)
    results = run.member("results")
    external = run.member("externalPropertyFileReferences")
    if results is None or (external is not None and external.items_of("results")):
        raise ReportIncompleteError("a run does not hold its results", path=run.path)
    rules = _rules(run)
    return [finding for result in results.items() if (finding := _finding(result, rules)) is not None]


def _rules(run: JsonView) -> _Rules:
    tool = run.member("tool")
    driver = None if tool is None else tool.member("driver")
    own = [] if driver is None else driver.items_of("rules")
    extensions = [] if tool is None else [extension.items_of("rules") for extension in tool.items_of("extensions")]
    by_id: dict[str, JsonView] = {}
    for rule in (*own, *(rule for rules in extensions for rule in rules)):
        if (rule_id := rule.text("id")) is not None:
            by_id.setdefault(rule_id, rule)
    return _Rules(own, extensions, by_id)


def _finding(result: JsonView, rules: _Rules) -> FindingFact | None:
    baseline_state = result.text("baselineState")
    if result.text("kind") in _NO_FINDINGS or baseline_state == "absent":
        return None
    rule_id, rule = rules.of(result)
    return FindingFact(
        rule=rule_id,
        severity=_severity(result, rule),
        is_suppressed=_is_suppressed(result),
        baseline_state=baseline_state,
    )


def _is_suppressed(result: JsonView) -> bool:
    suppressions = result.items_of("suppressions")
    return bool(suppressions) and all(entry.text("status") in (None, "accepted") for entry in suppressions)


def _severity(result: JsonView, rule: JsonView | None) -> Severity | None:
    properties = None if rule is None else rule.member("properties")
    score = None if properties is None else properties.member("security-severity")
    if score is not None:
        return _of_score(score)
    level = result.text("level")
    if level is None and rule is not None:
        defaults = rule.member("defaultConfiguration")
        level = None if defaults is None else defaults.text("level")
    return _LEVELS.get("warning" if level is None else level)


def _of_score(score: JsonView) -> Severity:
    value = score.value
    is_number = isinstance(value, str | int | float) and not isinstance(value, bool)
    points = number(str(value)) if is_number else None
    if points is None or not 0 <= points <= _MAX_SCORE:
        return Severity.CRITICAL
    if points == 0:
        return Severity.NONE
    return next((severity for least, severity in _SCORES if points >= least), Severity.LOW)


def _tool(run: JsonView) -> Tool | None:
    tool = run.member("tool")
    driver = None if tool is None else tool.member("driver")
    name = None if driver is None else driver.text("name")
    if driver is None or name is None:
        return None
    return Tool(name=name, version=driver.text("version") or driver.text("semanticVersion"))


def _latest(runs: list[JsonView]) -> str | None:
    times = [time for run in runs for entry in run.items_of("invocations") if (time := entry.text("endTimeUtc"))]
    placed = [(moment, time) for time in times if (moment := instant(time)) is not None]
    return max(placed)[1] if placed and len(placed) == len(times) else None
