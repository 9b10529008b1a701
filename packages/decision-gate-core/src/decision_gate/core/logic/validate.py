"""Structural rules for requirements that people write (contract §4.2).

The text form and the helpers check them. Scenario definitions do not: what the reference accepted must still
run (deviation S4), and ``check`` reports it.
"""

from decision_gate.core.limits import MAX_REQUIREMENT_DEPTH
from decision_gate.core.logic.errors import RequirementStructureError
from decision_gate.core.logic.requirement import And, Or, RequireGroup, Requirement, walk


def validate_requirement(
    requirement: Requirement, *, max_depth: int = MAX_REQUIREMENT_DEPTH, allow_empty_logical: bool = True
) -> None:
    """Refuse a tree that breaks a structural rule; depth is judged first, then each node, parents first.

    Args:
        requirement: The tree; of any depth.
        max_depth: Deepest allowed node, the root having depth 0.
        allow_empty_logical: Whether And and Or without members are allowed.

    Raises:
        RequirementStructureError: for the first rule broken, with the text of contract §4.2.
    """
    for depth, _ in walk(requirement):
        if depth > max_depth:
            raise RequirementStructureError(f"Requirement tree too deep: {depth} levels (max {max_depth})")
    for _, node in walk(requirement):
        match node:
            case And(requirements=()) if not allow_empty_logical:
                raise _invalid("Empty And requirement not allowed")
            case Or(requirements=()) if not allow_empty_logical:
                raise _invalid("Empty Or requirement not allowed")
            case RequireGroup(min=minimum, requirements=members) if minimum > len(members):
                raise RequirementStructureError(
                    f"Invalid group requirement: min {minimum} exceeds total {len(members)}"
                )
            case RequireGroup(min=0, requirements=members) if members:
                raise _invalid("RequireGroup with min=0 should be empty or use And instead")
            case _:
                pass


def _invalid(rule: str) -> RequirementStructureError:
    return RequirementStructureError(f"Invalid requirement structure: {rule}")
