"""``in_set`` and ``contains``: one value among many (contract §5.1)."""

from decision_gate.core.comparators.evidence import Evidence, Judge, never_known
from decision_gate.core.comparators.identity import identity
from decision_gate.core.json import ABSENT, JsonValue
from decision_gate.core.logic.tristate import TriState


def prepare_in_set(expected: JsonValue) -> Judge:
    """Prepare "evidence is one of expected", for an array of expectations and evidence that is no container.

    Raises:
        CanonicalJsonError: An expectation is not JSON; the judge raises it for evidence.
    """
    if not isinstance(expected, list):
        return never_known
    allowed = frozenset(map(identity, expected))

    def judge(evidence: Evidence) -> TriState:
        if evidence is ABSENT or isinstance(evidence, list | dict | bytes):
            return TriState.UNKNOWN
        return TriState.TRUE if identity(evidence) in allowed else TriState.FALSE

    return judge


def prepare_contains(expected: JsonValue) -> Judge:
    """Prepare "evidence contains expected": a part of a string, or every element of an array, however often.

    Raises:
        CanonicalJsonError: An expectation is not JSON; the judge raises it for evidence.
    """
    if isinstance(expected, str):
        return _substring(expected)
    if isinstance(expected, list):
        return _elements(expected)
    return never_known


def _substring(expected: str) -> Judge:
    def judge(evidence: Evidence) -> TriState:
        if isinstance(evidence, str):
            return TriState.TRUE if expected in evidence else TriState.FALSE
        return TriState.UNKNOWN

    return judge


def _elements(expected: list[JsonValue]) -> Judge:
    wanted = frozenset(map(identity, expected))

    def judge(evidence: Evidence) -> TriState:
        if isinstance(evidence, list):
            return TriState.TRUE if wanted.issubset(map(identity, evidence)) else TriState.FALSE
        return TriState.UNKNOWN

    return judge
