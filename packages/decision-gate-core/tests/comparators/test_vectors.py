"""The comparator vectors of contract §16.2 and the moments of §16.3, with deviation S10."""

import json
from pathlib import Path

import pytest

from decision_gate.core.comparators import ABSENT, Comparator, compare, prepare
from decision_gate.core.json import parse
from decision_gate.core.logic import TriState

VECTORS = Path(__file__).parents[1] / "vectors"
COMPARATORS = json.loads((VECTORS / "comparators.json").read_text(encoding="utf-8"))
MOMENTS = json.loads((VECTORS / "moments.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", COMPARATORS, ids=str)
def test_a_vector_of_the_contract_has_its_status(vector):
    evidence = bytes(vector["evidence_bytes"]) if "evidence_bytes" in vector else parse(vector["evidence"])

    status = compare(Comparator(vector["comparator"]), evidence, parse(vector["expected"]))

    assert status is TriState(vector["status"])


@pytest.mark.parametrize("vector", MOMENTS, ids=lambda vector: vector["text"])
def test_a_text_is_a_moment_exactly_where_the_contract_says(vector):
    text = vector["text"]

    status = compare(Comparator.GREATER_THAN_OR_EQUAL, text, text)

    assert status is (TriState.TRUE if vector["is_read"] else TriState.UNKNOWN)


def test_the_comparators_have_the_names_and_the_order_of_the_contract():
    assert [comparator.value for comparator in Comparator] == [
        "equals",
        "not_equals",
        "greater_than",
        "greater_than_or_equal",
        "less_than",
        "less_than_or_equal",
        "lex_greater_than",
        "lex_greater_than_or_equal",
        "lex_less_than",
        "lex_less_than_or_equal",
        "contains",
        "in_set",
        "deep_equals",
        "deep_not_equals",
        "exists",
        "not_exists",
    ]


EXISTENCE = {Comparator.EXISTS, Comparator.NOT_EXISTS}


@pytest.mark.parametrize("comparator", sorted(set(Comparator) - EXISTENCE, key=str))
@pytest.mark.parametrize("evidence", [ABSENT, None, 1, "a", [1], {"a": 1}, b"\x01"], ids=repr)
def test_without_an_expectation_or_without_evidence_nothing_is_known(comparator, evidence):
    """Contract §5, steps 2 and 3: an expectation of null is none."""
    for expected in (ABSENT, None):
        assert compare(comparator, evidence, expected) is TriState.UNKNOWN
    for expected in (True, 1, 1.5, "a", "2024-01-02", [1], {"a": 1}):
        assert compare(comparator, ABSENT, expected) is TriState.UNKNOWN


@pytest.mark.parametrize("expected", [ABSENT, None, 1, [float("nan")]], ids=repr)
@pytest.mark.parametrize(
    ("evidence", "exists"), [(ABSENT, False), (None, True), (False, True), (b"", True), ([], True)], ids=repr
)
def test_existence_is_always_known_and_asks_no_expectation(evidence, exists, expected):
    known = {True: TriState.TRUE, False: TriState.FALSE}

    assert compare(Comparator.EXISTS, evidence, expected) is known[exists]
    assert compare(Comparator.NOT_EXISTS, evidence, expected) is known[not exists]


def test_a_judge_keeps_nothing_from_one_evidence_to_the_next():
    judge = prepare(Comparator.CONTAINS, ["a"])

    assert [judge(evidence) for evidence in (["a"], ["b"], "a", ["a"])] == [
        TriState.TRUE,
        TriState.FALSE,
        TriState.UNKNOWN,
        TriState.TRUE,
    ]
