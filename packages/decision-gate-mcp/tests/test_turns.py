"""One caller at a time appends to a run."""

import threading

import pytest

from decision_gate.core.engine import ConcurrentUpdateError
from decision_gate.core.ports import RunKey
from decision_gate.mcp.turns import RunTurns
from decision_gate.mcp.waiting import Counter, counted

WAIT_SECONDS = 60


def test_a_second_caller_of_one_run_waits_for_the_first():
    turns = RunTurns()
    key = RunKey(7, 12, "run-a")
    order = []
    entered = threading.Event()

    def second():
        entered.set()
        with turns(key):
            order.append("second")

    with turns(key):
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(WAIT_SECONDS)
        order.append("first")
    thread.join(WAIT_SECONDS)

    assert order == ["first", "second"]


def test_who_waits_for_a_turn_is_not_in_work():
    turns = RunTurns()
    key = RunKey(7, 12, "run-a")
    told, rests = [], threading.Event()

    def rest():
        told.append("rests")
        rests.set()

    def second():
        with counted(Counter(rest=rest, resume=lambda: told.append("goes on"))), turns(key):
            told.append("works")

    with turns(key):
        thread = threading.Thread(target=second)
        thread.start()
        assert rests.wait(WAIT_SECONDS)
        told.append("first ends")
    thread.join(WAIT_SECONDS)
    with counted(Counter(rest=rest, resume=rest)), turns(key):
        pass

    assert told == ["rests", "first ends", "goes on", "works"]


def test_a_failure_gives_the_turn_back():
    turns = RunTurns()
    key = RunKey(7, 12, "run-a")

    for _ in range(2):
        with pytest.raises(RuntimeError), turns(key):
            raise RuntimeError


def test_more_callers_of_one_run_than_allowed_are_told_to_come_again_and_other_runs_are_free():
    turns = RunTurns(max_callers=1)
    key, other = RunKey(7, 12, "run-a"), RunKey(7, 12, "run-b")

    with turns(key):
        with pytest.raises(ConcurrentUpdateError):
            turns(key).__enter__()
        with turns(other):
            pass
    with turns(key):
        pass
