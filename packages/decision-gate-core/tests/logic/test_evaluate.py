"""Three-valued evaluation: contract §4.3 and the table of §16.5."""

import pytest

from decision_gate.core.logic import (
    And,
    Condition,
    LogicMode,
    Not,
    Or,
    RequireGroup,
    TraceEntry,
    TriState,
    decode_requirement,
    evaluate,
    is_trivially_satisfied,
    is_trivially_unsatisfiable,
)

T, F, U = TriState.TRUE, TriState.FALSE, TriState.UNKNOWN
STATUSES = {"t": T, "f": F, "u": U}


def leaf(name):
    return Condition(condition_id=name)


def leaves(names):
    return [{"Condition": name} for name in names]


@pytest.mark.parametrize(
    ("tree", "kleene", "bochvar", "trace"),
    [
        ({"And": []}, T, T, ""),
        ({"Or": []}, F, F, ""),
        ({"And": leaves("futf")}, F, U, "futf"),
        ({"Or": leaves("tu")}, T, U, "tu"),
        ({"Not": {"Condition": "u"}}, U, U, "u"),
        ({"And": leaves(["nowhere"])}, U, U, ["nowhere"]),
        ({"RequireGroup": {"min": 0, "reqs": leaves("f")}}, T, T, "f"),
        ({"RequireGroup": {"min": 1, "reqs": []}}, F, F, ""),
        ({"RequireGroup": {"min": 3, "reqs": leaves("tu")}}, F, F, "tu"),
        ({"RequireGroup": {"min": 2, "reqs": leaves("tu")}}, U, U, "tu"),
        ({"RequireGroup": {"min": 2, "reqs": leaves("ttu")}}, T, T, "ttu"),
        ({"Or": leaves("tt")}, T, T, "tt"),
    ],
)
def test_table_of_gate_evaluation_holds_in_both_modes(tree, kleene, bochvar, trace):
    """Contract §16.5."""
    requirement = decode_requirement(tree)

    results = {mode: evaluate(requirement, STATUSES, mode) for mode in LogicMode}

    assert {mode: result.status for mode, result in results.items()} == {
        LogicMode.KLEENE: kleene,
        LogicMode.BOCHVAR: bochvar,
    }
    expected = tuple(TraceEntry(condition_id=name, status=STATUSES.get(name, U)) for name in trace)
    assert [result.trace for result in results.values()] == [expected, expected]


KLEENE_AND = {"tt": T, "tf": F, "tu": U, "ft": F, "ff": F, "fu": F, "ut": U, "uf": F, "uu": U}
KLEENE_OR = {"tt": T, "tf": T, "tu": T, "ft": T, "ff": F, "fu": U, "ut": T, "uf": U, "uu": U}


@pytest.mark.parametrize("pair", KLEENE_AND)
def test_two_operands_follow_the_truth_tables(pair):
    """Contract §4.3: Kleene by table; Bochvar is the same wherever both are known, else unknown."""
    operands = tuple(map(leaf, pair))
    conjunction, disjunction = And(requirements=operands), Or(requirements=operands)

    assert evaluate(conjunction, STATUSES).status is KLEENE_AND[pair]
    assert evaluate(disjunction, STATUSES).status is KLEENE_OR[pair]
    blurred = "u" in pair
    assert evaluate(conjunction, STATUSES, LogicMode.BOCHVAR).status is (U if blurred else KLEENE_AND[pair])
    assert evaluate(disjunction, STATUSES, LogicMode.BOCHVAR).status is (U if blurred else KLEENE_OR[pair])


@pytest.mark.parametrize(("name", "status"), [("t", F), ("f", T), ("u", U)])
def test_negation_swaps_what_is_known(name, status):
    assert evaluate(Not(requirement=leaf(name)), STATUSES).status is status


def negations(count, inner):
    for _ in range(count):
        inner = Not(requirement=inner)
    return inner


def test_node_at_depth_32_is_still_evaluated():
    assert evaluate(negations(32, leaf("t")), STATUSES).status is T


@pytest.mark.parametrize(
    "around",
    [
        lambda deep: Or(requirements=(leaf("t"), deep, leaf("f"))),
        lambda deep: And(requirements=(leaf("t"), Not(requirement=deep), leaf("f"))),
        lambda deep: RequireGroup(min=0, requirements=(leaf("t"), deep, leaf("f"))),
    ],
    ids=["or", "not", "quorum"],
)
def test_node_below_depth_32_makes_everything_unknown_and_ends_the_trace(around):
    """Contract §4.3: neither Not nor Or nor an empty quorum undoes the abort; earlier leaves stay traced."""
    result = evaluate(around(negations(32, leaf("t"))), STATUSES)

    assert result.status is U
    assert result.trace == (TraceEntry(condition_id="t", status=T),)


def test_tree_of_any_depth_cannot_exhaust_the_stack():
    assert evaluate(negations(100_000, leaf("t")), STATUSES).status is U


def test_trivial_results_are_those_that_no_condition_can_change():
    """Contract §4.4, analysis helpers."""
    a = leaf("a")
    always = (
        And(requirements=()),
        Not(requirement=Or(requirements=())),
        Or(requirements=(a, And(requirements=()))),
        RequireGroup(min=0, requirements=(a,)),
        RequireGroup(min=1, requirements=(a, And(requirements=()))),
    )
    never = (
        Or(requirements=()),
        And(requirements=(a, Or(requirements=()))),
        RequireGroup(min=2, requirements=(a,)),
        RequireGroup(min=2, requirements=(a, a, Or(requirements=()), Or(requirements=()))),
    )
    undecided = (a, Or(requirements=(a, Not(requirement=a))), RequireGroup(min=1, requirements=(a,)))

    assert [is_trivially_satisfied(tree) for tree in (*always, *never[:3], *undecided)] == [True] * 5 + [False] * 6
    assert [is_trivially_unsatisfiable(tree) for tree in (*always, *never[:3], *undecided)] == (
        [False] * 5 + [True] * 3 + [False] * 3
    )
    assert not is_trivially_unsatisfiable(never[3])
