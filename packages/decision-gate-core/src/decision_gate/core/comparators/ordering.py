"""The four ordering comparators: numbers as decimals, strings as moments (contract §5.1)."""

from collections.abc import Callable
from typing import Any

from decision_gate.core.comparators.evidence import Evidence, Judge, never_known
from decision_gate.core.comparators.temporal import calendar_date, instant, sortable
from decision_gate.core.json import JsonValue, decimal_order
from decision_gate.core.logic.tristate import TriState

Relation = Callable[[Any, Any], bool]


def prepare_ordering(relation: Relation, expected: JsonValue) -> Judge:
    """Prepare ``evidence ⟨relation⟩ expected``; any other pair of types is UNKNOWN.

    Raises:
        CanonicalJsonError: The expectation is a float that is not finite; the judge raises it for evidence.
    """
    kind = type(expected)
    if isinstance(expected, int | float) and kind is not bool:
        return _numeric(relation, decimal_order(expected))
    if isinstance(expected, str):
        return _temporal(relation, expected)
    return never_known


def _numeric(relation: Relation, bound: float) -> Judge:
    def judge(evidence: Evidence) -> TriState:
        kind = type(evidence)
        if kind is int:
            return TriState.TRUE if relation(evidence, bound) else TriState.FALSE
        if isinstance(evidence, float):
            return TriState.TRUE if relation(decimal_order(evidence), bound) else TriState.FALSE
        return TriState.UNKNOWN

    return judge


def _temporal(relation: Relation, expected: str) -> Judge:
    # No text is both, so the way in which the expectation reads is the only one that can read both sides.
    read: Callable[[str], Any] = instant
    bound = instant(expected)
    if bound is None:
        read = calendar_date
        bound = calendar_date(expected)
    if bound is None:
        return never_known

    def judge(evidence: Evidence) -> TriState:
        moment = read(evidence) if isinstance(evidence, str) else None
        if moment is None:
            return TriState.UNKNOWN
        return TriState.TRUE if relation(moment, bound) else TriState.FALSE

    spelling = sortable(expected)
    if spelling is None:
        return judge
    is_spelled_alike = spelling.fullmatch

    def judge_text(evidence: Evidence) -> TriState:
        if isinstance(evidence, str) and is_spelled_alike(evidence):
            return TriState.TRUE if relation(evidence, expected) else TriState.FALSE
        return judge(evidence)

    return judge_text
