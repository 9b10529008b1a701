"""Every pair of states, and the two reasons that keep what is closing."""

import itertools

import pytest

from decision_gate.enterprise.tenancy.lifecycle import State, TransitionRefusedError, demand_transition

ALLOWED = {
    ("active", "suspended"),
    ("active", "closing"),
    ("suspended", "active"),
    ("suspended", "closing"),
    ("closing", "active"),
    ("closing", "deleted"),
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(State, State)))
def test_transition_is_allowed_or_refused_as_listed(before, after):
    try:
        demand_transition(before, after, at_ms=10, retain_until=10, is_held=False)
    except TransitionRefusedError:
        is_allowed = False
    else:
        is_allowed = True

    assert is_allowed == ((before.value, after.value) in ALLOWED)


@pytest.mark.parametrize(
    ("at_ms", "retain_until", "is_held", "is_allowed"),
    [(9, 10, False, False), (10, 10, False, True), (11, None, False, False), (11, 10, True, False)],
)
def test_deletion_waits_for_retention_and_for_a_lifted_hold(at_ms, retain_until, is_held, is_allowed):
    if is_allowed:
        demand_transition(State.CLOSING, State.DELETED, at_ms=at_ms, retain_until=retain_until, is_held=is_held)
        return
    with pytest.raises(TransitionRefusedError):
        demand_transition(State.CLOSING, State.DELETED, at_ms=at_ms, retain_until=retain_until, is_held=is_held)
