"""What part of a report a question is about."""

import attrs

from decision_gate.mcp.evidence.glob_pattern import NamePattern
from decision_gate.mcp.evidence.report.severity import Severity


@attrs.frozen(kw_only=True)
class Filters:
    """The filters of a question; None lets everything through.

    In patterns ``*`` is any text and ``?`` any character; they are held against the whole text.
    """

    suite: NamePattern | None = None
    name: NamePattern | None = None
    path: NamePattern | None = None
    rule: NamePattern | None = None
    license: NamePattern | None = None
    type: NamePattern | None = None
    severity_at_least: Severity | None = None
    include_suppressed: bool = False
    baseline_state: str | None = None


PATTERNS = ("suite", "name", "path", "rule", "license", "type")
"""Filters that are patterns."""

BASELINE_STATES = ("new", "unchanged", "updated")
"""States of SARIF that findings can have; ``absent`` is none, it is no finding any more."""


def lets_through(pattern: NamePattern | None, text: str | None) -> bool:
    """Tell whether a pattern fits; there must be a text if there is a pattern."""
    return pattern is None or (text is not None and pattern.matches(text))
