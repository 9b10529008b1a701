"""``exists`` and ``not_exists``: they need no expectation and always know (contract §5)."""

from decision_gate.core.comparators.evidence import Evidence
from decision_gate.core.json import ABSENT
from decision_gate.core.logic.tristate import TriState


def exists(evidence: Evidence) -> TriState:
    """Judge whether there is a value; JSON null is one."""
    return TriState.FALSE if evidence is ABSENT else TriState.TRUE


def not_exists(evidence: Evidence) -> TriState:
    """Judge whether there is no value; JSON null is one."""
    return TriState.TRUE if evidence is ABSENT else TriState.FALSE
