"""Hypothesis strategies for requirement trees and the statuses of their conditions."""

from collections.abc import Sequence

from hypothesis import strategies as st

from decision_gate.core.logic import And, Condition, Not, Or, RequireGroup, Requirement, TriState

CONDITION_IDS = tuple("abcdefgh")


def requirements(
    ids: Sequence[str] = CONDITION_IDS, *, max_leaves: int = 20, well_formed: bool = False
) -> st.SearchStrategy[Requirement]:
    """Draw trees of all node kinds over ``ids``, with repeats, empty members and deep negations.

    Args:
        ids: The condition ids of the leaves.
        max_leaves: Roughly how many leaves a tree has at most.
        well_formed: Draw only groups that ``validate_requirement`` accepts and that have members.
    """
    leaves: st.SearchStrategy[Requirement] = st.sampled_from(ids).map(lambda name: Condition(condition_id=name))
    return st.recursive(leaves, lambda inner: _nodes(inner, well_formed=well_formed), max_leaves=max_leaves)


def statuses(ids: Sequence[str] = CONDITION_IDS) -> st.SearchStrategy[dict[str, TriState]]:
    """Draw a status for every id, or none for some of them."""
    return st.dictionaries(st.sampled_from(ids), st.sampled_from(TriState))


def _nodes(inner: st.SearchStrategy[Requirement], *, well_formed: bool) -> st.SearchStrategy[Requirement]:
    members = st.lists(inner, max_size=5).map(tuple)
    return st.one_of(
        members.map(lambda drawn: And(requirements=drawn)),
        members.map(lambda drawn: Or(requirements=drawn)),
        inner.map(lambda drawn: Not(requirement=drawn)),
        _quorums(inner) if well_formed else _groups(members),
    )


def _groups(members: st.SearchStrategy[tuple[Requirement, ...]]) -> st.SearchStrategy[Requirement]:
    return st.builds(lambda minimum, drawn: RequireGroup(min=minimum, requirements=drawn), st.integers(0, 6), members)


def _quorums(inner: st.SearchStrategy[Requirement]) -> st.SearchStrategy[Requirement]:
    members = st.lists(inner, min_size=1, max_size=5)
    return members.flatmap(
        lambda drawn: st.integers(1, len(drawn)).map(
            lambda minimum: RequireGroup(min=minimum, requirements=tuple(drawn))
        )
    )
