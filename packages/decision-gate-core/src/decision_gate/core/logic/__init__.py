"""Requirement logic: trees of conditions, their three-valued evaluation, and their spellings (contract §4)."""

from decision_gate.core.logic.mode import LogicMode
from decision_gate.core.logic.requirement import And, Condition, Not, Or, RequireGroup, Requirement
from decision_gate.core.logic.tristate import TriState, all_of, any_of

__all__ = ["And", "Condition", "LogicMode", "Not", "Or", "RequireGroup", "Requirement", "TriState", "all_of", "any_of"]
