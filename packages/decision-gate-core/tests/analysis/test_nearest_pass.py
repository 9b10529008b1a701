"""The nearest pass is the cheapest one, held to trying every assignment."""

import inspect
import sys
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from decision_gate.core.analysis import Change, NearestPass, nearest_pass
from decision_gate.core.logic import (
    And,
    Condition,
    Not,
    Or,
    RequireGroup,
    TriState,
    compile_plan,
    evaluate,
    parse_requirement,
)
from decision_gate.core.testing.requirement_trees import requirements, statuses

T, F, U = TriState.TRUE, TriState.FALSE, TriState.UNKNOWN
COST = {(U, T): 1, (U, F): 1, (T, F): 2, (F, T): 2}


def parsed(text):
    return parse_requirement(text, lambda name: name)


def to(condition_id, needed, current=U):
    return Change(condition_id=condition_id, current=current, needed=needed)


def cheapest_by_trying_all(requirement, known, impossible):
    """The lowest cost over all 3ⁿ assignments that a run could still come to; None when none of them passes."""
    plan = compile_plan(requirement)
    ids = plan.condition_ids
    best = None
    for assignment in product(TriState, repeat=len(ids)):
        if plan.evaluate(*plan.masks(dict(zip(ids, assignment, strict=True)))) is not T:
            continue
        moves = [
            (name, known.get(name, U), value)
            for name, value in zip(ids, assignment, strict=True)
            if value is not known.get(name, U)
        ]
        if any(value is U or value in impossible.get(name, ()) for name, _, value in moves):
            continue
        cost = sum(COST[current, value] for _, current, value in moves)
        best = cost if best is None else min(best, cost)
    return best


IDS = "abcdef"


IMPOSSIBLE = st.dictionaries(st.sampled_from(IDS), st.sets(st.sampled_from((T, F))), max_size=3)


def assert_cheapest(requirement, known, impossible):
    answer = nearest_pass(requirement, known, impossible)

    assert answer.proven_minimal
    assert answer.cost == cheapest_by_trying_all(requirement, known, impossible)
    if answer.cost is not None:
        after = known | {change.condition_id: change.needed for change in answer.changes}
        assert evaluate(requirement, after).status is T
        assert answer.cost == sum(COST[change.current, change.needed] for change in answer.changes)
        assert [change.current for change in answer.changes] == [
            known.get(change.condition_id, U) for change in answer.changes
        ]
        assert not any(change.needed in impossible.get(change.condition_id, ()) for change in answer.changes)


@given(requirements(IDS), statuses(IDS), IMPOSSIBLE)
@example(Or(requirements=(And(requirements=(Condition(condition_id="a"),) * 2),)), {}, {})
@example(parsed("at_least(2, a and b, not a and c, not b)"), {"a": F, "b": T}, {"c": {T}})
def test_changes_are_the_cheapest_of_all_and_make_it_pass(requirement, known, impossible):
    assert_cheapest(requirement, known, impossible)


LITERALS = (
    st.sampled_from(IDS)
    .map(lambda name: Condition(condition_id=name))
    .flatmap(lambda leaf: st.sampled_from((leaf, leaf, Not(requirement=leaf))))
)
CLAUSES = st.lists(
    st.builds(
        lambda minimum, members: RequireGroup(min=minimum, requirements=members),
        st.integers(1, 2),
        st.lists(LITERALS, min_size=2, max_size=4),
    ),
    min_size=2,
    max_size=6,
)


@given(
    CLAUSES.map(lambda clauses: And(requirements=clauses))
    | st.tuples(CLAUSES, CLAUSES).map(
        lambda sides: Or(requirements=tuple(And(requirements=clauses) for clauses in sides))
    ),
    statuses(IDS),
    IMPOSSIBLE,
)
def test_changes_are_the_cheapest_where_everything_is_shared(requirement, known, impossible):
    assert_cheapest(requirement, known, impossible)


@pytest.mark.parametrize(
    ("text", "known", "changes", "cost"),
    [
        ("a", {"a": T}, (), 0),
        ("a", {}, (to("a", T),), 1),
        ("a", {"a": F}, (to("a", T, F),), 2),
        ("not a", {"a": F}, (), 0),
        ("not a", {"a": T}, (to("a", F, T),), 2),
        ("not (a or b)", {"a": T}, (to("a", F, T), to("b", F)), 3),
        ("all()", {}, (), 0),
        ("a and b and c", {"b": T}, (to("a", T), to("c", T)), 2),
        # One more of the quorum: the first of those that are cheapest, whatever stands before them.
        ("at_least(2, alice, bob, carol)", {"alice": T, "bob": F}, (to("carol", T),), 1),
        ("at_least(2, alice, bob, carol)", {"alice": T}, (to("bob", T),), 1),
        ("a or b", {}, (to("a", T),), 1),
        ("(a and b) or c", {"a": T}, (to("b", T),), 1),
        ("(a and b) or c", {"a": T, "b": F}, (to("c", T),), 1),
        # A shared condition is paid for once.
        ("(x or a) and (x or b) and (x or c)", {"a": F, "x": F}, (to("x", T, F),), 2),
        ("(x or a) and (not x or b)", {"a": F}, (to("x", T), to("b", T)), 2),
        # Turning a condition that another part leans on is not free.
        ("(a or b) and (not a or c)", {"a": T, "b": F, "c": F}, (to("c", T, F),), 2),
    ],
)
def test_what_is_still_needed_comes_in_tree_order(text, known, changes, cost):
    assert nearest_pass(parsed(text), known) == NearestPass(changes=changes, cost=cost, proven_minimal=True)


NEVER = NearestPass(changes=(), cost=None, proven_minimal=True)


@pytest.mark.parametrize(
    ("requirement", "impossible"),
    [
        (parsed("any()"), {}),
        (parsed("a and not a"), {}),
        (parsed("(a or b) and not a and not b"), {}),
        (RequireGroup(min=2, requirements=(Condition(condition_id="a"),)), {}),
        (parsed("a and b"), {"b": {T}}),
        (parsed("not a"), {"a": {F}}),
    ],
    ids=["empty", "contradiction", "hidden contradiction", "group", "out of reach", "out of reach below not"],
)
def test_requirement_that_cannot_pass_has_no_nearest_pass(requirement, impossible):
    assert nearest_pass(requirement, {}, impossible) == NEVER


def test_what_cannot_happen_any_more_may_still_have_happened():
    assert nearest_pass(parsed("a"), {"a": T}, {"a": {T}}).cost == 0


def test_tree_that_evaluation_does_not_enter_cannot_pass():
    """Contract §4.3: deeper than 32 is unknown for ever."""
    tree = Condition(condition_id="a")
    for _ in range(34):
        tree = Not(requirement=tree)

    assert nearest_pass(tree, {"a": T}) == NEVER


def chain(count):
    """Neighbours exclude each other, and each pair needs one of them: exact answers take a search."""
    pairs = [f"at_least(2, x{i}, not x{i + 1}, x{i + 2}, not x{i + 3}, x{(i * 7) % count})" for i in range(count)]
    return parsed(" and ".join(pairs))


def test_search_without_budget_says_that_its_answer_may_not_be_the_cheapest():
    requirement = chain(12)

    exact = nearest_pass(requirement, {})
    hasty = nearest_pass(requirement, {}, budget=0)

    assert exact.proven_minimal
    assert not hasty.proven_minimal
    assert hasty.cost is None or hasty.cost >= exact.cost


def exclusive_choices(count):
    """One of three for each, every choice shared with two others: far too much to search through."""
    return And(
        requirements=tuple(
            Or(requirements=tuple(Condition(condition_id=f"x{(i * step + 1) % count}") for step in (1, 7, 31)))
            for i in range(count)
        )
    )


def test_search_that_is_too_large_ends_with_a_pass_that_may_not_be_the_cheapest():
    requirement = exclusive_choices(600)

    answer = nearest_pass(requirement, {}, budget=50_000)

    after = {change.condition_id: change.needed for change in answer.changes}
    assert not answer.proven_minimal
    assert 200 <= answer.cost == len(answer.changes)
    assert evaluate(requirement, after).status is T


@pytest.fixture
def _shallow_stack():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 350)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("_shallow_stack")
def test_search_over_hundreds_of_shared_conditions_needs_no_deep_stack():
    ring = And(
        requirements=tuple(
            Or(requirements=(Condition(condition_id=f"x{i}"), Condition(condition_id=f"x{(i + 1) % 301}")))
            for i in range(301)
        )
    )

    answer = nearest_pass(ring, {}, budget=60_000)

    assert not answer.proven_minimal
    assert answer.cost == len(answer.changes)


def test_same_question_has_the_same_answer():
    assert nearest_pass(chain(9), {"x1": F}) == nearest_pass(chain(9), {"x1": F})
