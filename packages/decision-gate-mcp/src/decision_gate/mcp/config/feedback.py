"""``[server.feedback.scenario_next]``: how much of a hold is explained, and to whom (contract §8.2)."""

from enum import StrEnum

import attrs

from decision_gate.mcp.config.kinds import Array, Choice, Text
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.table import key


class FeedbackLevel(StrEnum):
    """How much is told; ``rank`` orders the levels."""

    SUMMARY = "summary"
    TRACE = "trace"
    EVIDENCE = "evidence"

    @property
    def rank(self) -> int:
        """Position from least to most: summary 0, trace 1, evidence 2."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(FeedbackLevel)}


@attrs.frozen(kw_only=True)
class FeedbackTable:
    """Feedback policy of ``scenario_next``."""

    default: FeedbackLevel = key(
        Choice(FeedbackLevel), "Level when a request names none.", default=FeedbackLevel.SUMMARY
    )
    local_only_default: FeedbackLevel = key(
        Choice(FeedbackLevel), "The same for local callers.", default=FeedbackLevel.TRACE
    )
    max: FeedbackLevel = key(Choice(FeedbackLevel), "Highest level of all.", default=FeedbackLevel.TRACE)
    trace_subjects: tuple[str, ...] = key(
        Array(Text()), "Principals that may see traces.", default=("loopback", "stdio")
    )
    trace_roles: tuple[str, ...] = key(Array(Text()), "Roles that may see traces.", default=())
    evidence_subjects: tuple[str, ...] = key(Array(Text()), "Principals that may see evidence.", default=())
    evidence_roles: tuple[str, ...] = key(Array(Text()), "Roles that may see evidence.", default=())

    def check(self) -> None:
        """Refuse a default above the maximum. Raise ``InvalidConfigError``."""
        for name, level in (("default", self.default), ("local_only_default", self.local_only_default)):
            demand(level.rank <= self.max.rank, f"server.feedback.scenario_next.{name} exceeds max")
