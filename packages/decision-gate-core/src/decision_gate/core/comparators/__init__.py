"""Comparators: what evidence says about an expectation (contract §5)."""

from decision_gate.core.comparators.comparator import Comparator
from decision_gate.core.comparators.evidence import Evidence, Expected, Judge
from decision_gate.core.comparators.prepare import compare, prepare
from decision_gate.core.json import ABSENT, Absent

__all__ = ["ABSENT", "Absent", "Comparator", "Evidence", "Expected", "Judge", "compare", "prepare"]
