"""Counting equal nodes without comparing each with each.

Joining two conditions over a list compares all of its items with all of its items; on a report of some thousand entries
only counting keeps that linear.
"""

from collections import Counter
from collections.abc import Hashable, Iterable

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.jsonpath.budget import Budget


def structural_key(value: JsonValue, budget: Budget) -> Hashable:
    """Return what two values have in common exactly when they are structurally equal (contract §1.3)."""
    budget.spend(1)
    if isinstance(value, dict):
        return frozenset((name, structural_key(member, budget)) for name, member in value.items())
    if isinstance(value, list):
        return tuple([structural_key(member, budget) for member in value])
    return type(value), value


def count(values: Iterable[JsonValue], budget: Budget) -> Counter[Hashable]:
    """Return how often each structural key occurs among ``values``."""
    return Counter(structural_key(value, budget) for value in values)
