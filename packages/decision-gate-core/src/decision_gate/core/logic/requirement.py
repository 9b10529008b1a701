"""The requirement tree: what has to be true before work may go on (contract §4).

Trees are not checked here: old scenarios hold groups that ask for more members than they have, and they must
run. What is checked on request stands in ``validate.py``.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import attrs

from decision_gate.core.limits import MAX_GROUP_MIN, MAX_REQUIREMENT_DEPTH
from decision_gate.core.logic.errors import RequirementStructureError


def _in_order(members: "Iterable[Requirement]") -> "tuple[Requirement, ...]":
    return tuple(members)


@attrs.frozen(kw_only=True)
class Condition:
    """A leaf: the status of one condition; an id that nobody knows is UNKNOWN."""

    condition_id: str


@attrs.frozen(kw_only=True)
class Not:
    """True when the inner requirement is false, and the other way round."""

    requirement: "Requirement"


@attrs.frozen(kw_only=True)
class And:
    """True when every member is true; without members it is true."""

    requirements: "tuple[Requirement, ...]" = attrs.field(converter=_in_order)


@attrs.frozen(kw_only=True)
class Or:
    """True when some member is true; without members it is false."""

    requirements: "tuple[Requirement, ...]" = attrs.field(converter=_in_order)


def _check_min(_group: object, _field: object, value: int) -> None:
    if not 0 <= value <= MAX_GROUP_MIN:
        raise RequirementStructureError(f"group min {value} is outside 0..{MAX_GROUP_MIN}")


@attrs.frozen(kw_only=True)
class RequireGroup:
    """True when at least ``min`` members are true: always for 0, never for more than there are members."""

    min: int = attrs.field(validator=_check_min)
    requirements: "tuple[Requirement, ...]" = attrs.field(converter=_in_order)


Requirement: TypeAlias = And | Or | Not | RequireGroup | Condition


def children(requirement: Requirement) -> tuple[Requirement, ...]:
    """Return the direct members of a node, in order; a leaf has none."""
    match requirement:
        case Condition():
            return ()
        case Not(requirement=inner):
            return (inner,)
        case _:
            return requirement.requirements


def walk(requirement: Requirement) -> Iterator[tuple[int, Requirement]]:
    """Yield every node with its depth (root 0), parents first, left to right; safe for trees of any depth."""
    pending: list[tuple[int, Requirement]] = [(0, requirement)]
    while pending:
        depth, node = pending.pop()
        yield depth, node
        pending.extend((depth + 1, child) for child in reversed(children(node)))


def condition_ids(requirement: Requirement) -> tuple[str, ...]:
    """Return the ids of all leaves, each once, in the order in which the tree first names them."""
    return tuple(dict.fromkeys(node.condition_id for _, node in walk(requirement) if isinstance(node, Condition)))


def complexity(requirement: Requirement) -> int:
    """Count the nodes of the tree, leaves included (contract §4.4)."""
    return sum(1 for _ in walk(requirement))


def is_too_deep(requirement: Requirement, max_depth: int = MAX_REQUIREMENT_DEPTH) -> bool:
    """Tell whether a node lies below ``max_depth``; such a tree can only ever be UNKNOWN (contract §4.3)."""
    return any(depth > max_depth for depth, _ in walk(requirement))
