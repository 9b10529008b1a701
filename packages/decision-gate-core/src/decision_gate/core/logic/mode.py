"""Which three-valued logic combines the operands of a conjunction or disjunction (contract §4.3)."""

import enum


class LogicMode(enum.Enum):
    """How UNKNOWN operands count in And and Or; Not and RequireGroup are the same in both modes."""

    KLEENE = "kleene"
    """UNKNOWN matters only while no other operand decides. The engine always uses this mode."""

    BOCHVAR = "bochvar"
    """One UNKNOWN operand makes the whole conjunction or disjunction UNKNOWN."""
