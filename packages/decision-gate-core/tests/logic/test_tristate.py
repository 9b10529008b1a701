"""Truth values and their operations: contract §2.3, §4.3."""

from decision_gate.core.logic.tristate import TriState, all_of, any_of

T, F, U = TriState.TRUE, TriState.FALSE, TriState.UNKNOWN


def test_values_are_spelled_as_evaluation_records_spell_them():
    assert [value.value for value in TriState] == ["True", "False", "Unknown"]


def test_conjunction_is_decided_by_a_false_and_blurred_by_an_unknown():
    assert [all_of(values) for values in ((), (T, T), (T, U), (U, F), (F, U))] == [T, T, U, F, F]


def test_disjunction_is_decided_by_a_true_and_blurred_by_an_unknown():
    assert [any_of(values) for values in ((), (F, F), (F, U), (U, T), (T, U))] == [F, F, U, T, T]


def test_negation_keeps_the_unknown():
    assert [value.negated() for value in (T, F, U)] == [F, T, U]
