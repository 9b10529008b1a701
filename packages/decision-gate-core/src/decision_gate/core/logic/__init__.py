"""Requirement logic: trees of conditions, their three-valued evaluation, their spellings (contract §4)."""

from decision_gate.core.logic.boolean import is_satisfied
from decision_gate.core.logic.dsl import Resolver, parse_requirement, print_requirement
from decision_gate.core.logic.encoding import decode_requirement, encode_requirement
from decision_gate.core.logic.errors import (
    RequirementDecodeError,
    RequirementStructureError,
    RequirementTextError,
)
from decision_gate.core.logic.evaluate import (
    Evaluation,
    TraceEntry,
    evaluate,
    is_trivially_satisfied,
    is_trivially_unsatisfiable,
)
from decision_gate.core.logic.mode import LogicMode
from decision_gate.core.logic.plan import Plan, compile_plan
from decision_gate.core.logic.planes import Planes
from decision_gate.core.logic.requirement import (
    And,
    Condition,
    Not,
    Or,
    RequireGroup,
    Requirement,
    complexity,
    condition_ids,
    is_too_deep,
)
from decision_gate.core.logic.tristate import TriState
from decision_gate.core.logic.validate import validate_requirement

__all__ = [
    "And",
    "Condition",
    "Evaluation",
    "LogicMode",
    "Not",
    "Or",
    "Plan",
    "Planes",
    "RequireGroup",
    "Requirement",
    "RequirementDecodeError",
    "RequirementStructureError",
    "RequirementTextError",
    "Resolver",
    "TraceEntry",
    "TriState",
    "compile_plan",
    "complexity",
    "condition_ids",
    "decode_requirement",
    "encode_requirement",
    "evaluate",
    "is_satisfied",
    "is_too_deep",
    "is_trivially_satisfied",
    "is_trivially_unsatisfiable",
    "parse_requirement",
    "print_requirement",
    "validate_requirement",
]
