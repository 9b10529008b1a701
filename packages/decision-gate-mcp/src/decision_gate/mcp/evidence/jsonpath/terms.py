"""What a filter of a JSONPath computes with, and how two operands compare (contract §1.5).

An operand is a plain string, double or boolean, or the nodes a path found. Comparing nodes keeps those that
satisfy the comparison; no node left is ``False``. Nothing is converted: text never equals a number.
"""

import enum
import operator
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.jsonpath.budget import Budget
from decision_gate.mcp.evidence.jsonpath.nodes import member_or_self
from decision_gate.mcp.evidence.jsonpath.sameness import count, structural_key


class Operator(enum.Enum):
    """Comparisons and junctions of a filter."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    AND = "&&"
    OR = "||"


@attrs.frozen(kw_only=True)
class Nodes:
    """Nodes that a path inside a filter has found.

    Attributes:
        values: the nodes themselves.
        key: the member that the path's last step asked for; of an object, a comparison looks at it.
        owners: the candidates of the filter that remain, once a path has more than one step.
    """

    values: Sequence[JsonValue]
    key: str | None = None
    owners: Sequence[JsonValue] | None = None


Scalar = str | float | bool
Term = Scalar | Nodes

_MIRRORED: Final = {
    Operator.LESS: Operator.GREATER,
    Operator.LESS_OR_EQUAL: Operator.GREATER_OR_EQUAL,
    Operator.GREATER: Operator.LESS,
    Operator.GREATER_OR_EQUAL: Operator.LESS_OR_EQUAL,
}
_ORDERINGS: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def scalar(value: JsonValue) -> Scalar | None:
    """Return ``value`` as an operand when it is text, a number (as a double) or a boolean."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    return None


def compare(operation: Operator, left: Term, right: Term, budget: Budget) -> Term:
    """Apply ``operation``; a plain operand on the left of nodes moves to the right, mirrored."""
    if isinstance(left, Nodes):
        if isinstance(right, Nodes):
            return _nodes_with_nodes(operation, left, right, budget)
        return _nodes_with_scalar(operation, left, right, budget)
    if isinstance(right, Nodes):
        return _nodes_with_scalar(_MIRRORED.get(operation, operation), right, left, budget)
    return _holds(operation, left, right)


def _holds(operation: Operator, left: Scalar | None, right: Scalar) -> bool:
    if type(left) is not type(right):
        return False
    if operation in _ORDERINGS:
        return _ORDERINGS[operation](left, right)
    if isinstance(right, float):
        return True  # every number counts as true beside a number
    return bool(left and right) if operation is Operator.AND else bool(left or right)


def _nodes_with_scalar(operation: Operator, nodes: Nodes, other: Scalar, budget: Budget) -> Term:
    budget.spend(len(nodes.values))
    kept = [value for value in nodes.values if _matches(operation, value, nodes.key, other)]
    if not kept:
        return False
    if nodes.owners is None:
        return Nodes(values=kept)
    counts = count(kept, budget)
    owners: list[JsonValue] = []
    for owner in nodes.owners:
        members = owner.values() if isinstance(owner, dict) else ()
        times = sum(counts[structural_key(member, budget)] for member in members)
        owners.extend(_repeated(owner, times, budget))
    return Nodes(values=kept, owners=owners)


def _matches(operation: Operator, value: JsonValue, key: str | None, other: Scalar) -> bool:
    return _holds(operation, scalar(member_or_self(value, key)), other)


def _nodes_with_nodes(operation: Operator, left: Nodes, right: Nodes, budget: Budget) -> Term:
    if left.owners is not None:
        kept = _combined(operation, left.owners, right.values, budget)
    elif right.owners is not None:
        kept = _combined(operation, left.values, right.owners, budget)
    else:
        kept = _combined(operation, left.values, right.values, budget)
    return Nodes(values=kept, owners=left.owners) if kept else False


def _combined(
    operation: Operator, left: Sequence[JsonValue], right: Sequence[JsonValue], budget: Budget
) -> list[JsonValue]:
    counts = count(right, budget)
    found: list[JsonValue] = []
    match operation:
        case Operator.EQUAL | Operator.AND:
            for value in left:
                found.extend(_repeated(value, counts[structural_key(value, budget)], budget))
        case Operator.NOT_EQUAL:
            for value in left:
                found.extend(_repeated(value, len(right) - counts[structural_key(value, budget)], budget))
        case Operator.OR:
            distinct: dict[Hashable, JsonValue] = {}
            for value in (*left, *right):
                distinct.setdefault(structural_key(value, budget), value)
            found.extend(distinct.values())
        case _:
            pass  # nodes have no order among themselves
    return found


def _repeated(value: JsonValue, times: int, budget: Budget) -> list[JsonValue]:
    """Return ``value`` once for every pair of the cross product that it is in, as the dialect does."""
    budget.spend(times)
    return [value] * times
