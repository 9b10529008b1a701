"""Look-ups that are a little old: never older than the bound, never of a failed one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.enterprise.tenancy.recent import Recent
from decision_gate.mcp.testing import ManualServerClock


@given(st.integers(0, 5_000), st.lists(st.tuples(st.integers(0, 4_000), st.booleans()), max_size=30))
def test_answer_is_never_older_than_the_bound(max_age_ms, steps):
    clock, current = ManualServerClock(), [0]
    changed_at = [0.0]
    recent = Recent(lambda _key: current[0], max_age_ms=max_age_ms, monotonic_ms=clock.monotonic_ms)
    truth = [(0.0, 0)]

    for wait_ms, changes in steps:
        clock.advance(wait_ms)
        if changes:
            current[0] += 1
            changed_at[0] = clock.monotonic_ms()
            truth.append((changed_at[0], current[0]))
        now = clock.monotonic_ms()
        oldest = max(value for at, value in truth if at <= max(0.0, now - max_age_ms))
        assert oldest <= recent.get("key") <= current[0]


def test_failed_look_up_is_neither_remembered_nor_answered_from_memory():
    clock, answers = ManualServerClock(), [1, StoreUnavailableError("away"), 2]

    def look_up(_key):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    recent = Recent(look_up, max_age_ms=100, monotonic_ms=clock.monotonic_ms)
    assert recent.get("key") == 1
    clock.advance(100)

    with pytest.raises(StoreUnavailableError):
        recent.get("key")

    assert recent.get("key") == 2


def test_memory_is_bounded_by_the_oldest_leaving():
    asked = []
    recent = Recent(lambda key: asked.append(key) or key, max_age_ms=100, monotonic_ms=lambda: 0.0, most=2)

    for key in (1, 2, 3, 3, 1):
        recent.get(key)

    assert asked == [1, 2, 3, 1]
