"""The algorithm never admits more than its law allows, and tells exactly when to come again."""

from hypothesis import given
from hypothesis import strategies as st

from decision_gate.enterprise.rates import Admitted, Rate, Refused, judge

RATES = st.builds(Rate, interval_us=st.integers(1, 10_000), burst=st.integers(1, 20))
STEPS = st.lists(st.integers(0, 30_000), min_size=1, max_size=200)


@given(RATES, STEPS)
def test_in_no_stretch_of_time_are_more_admitted_than_the_burst_and_the_even_rate(rate, steps):
    now, arrival, admitted = 0, None, []
    for step in steps:
        now += step
        judgement = judge(rate, arrival, now)
        if isinstance(judgement, Admitted):
            arrival = judgement.arrival_us
            admitted.append(now)

    for first, start in enumerate(admitted):
        for last in range(first, len(admitted)):
            assert last - first + 1 <= rate.burst + (admitted[last] - start) // rate.interval_us


@given(RATES, st.integers(0, 10**9), st.integers(0, 10**6))
def test_who_waits_as_told_is_admitted_and_who_comes_earlier_is_not(rate, now, ahead):
    judgement = judge(rate, now + ahead, now)

    if isinstance(judgement, Refused):
        assert isinstance(judge(rate, now + ahead, now + judgement.retry_after_us), Admitted)
        assert isinstance(judge(rate, now + ahead, now + judgement.retry_after_us - 1), Refused)


@given(RATES, st.integers(0, 10**9))
def test_a_new_caller_has_its_whole_burst_and_no_more(rate, now):
    arrival = None
    for _ in range(rate.burst):
        judgement = judge(rate, arrival, now)
        assert isinstance(judgement, Admitted)
        arrival = judgement.arrival_us

    assert judge(rate, arrival, now) == Refused(retry_after_us=rate.interval_us)
