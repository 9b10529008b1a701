"""The threads of a server share one CPU; what waits for evidence or computes without the lock does not (ADR 6)."""

import os
import sys
import threading
from collections.abc import Callable

import pytest

from decision_gate.mcp.evidence.worker_pool import WorkerPool
from decision_gate.mcp.one_cpu import Crowd, anywhere, cpu_of, on_one_cpu

WAIT_SECONDS = 10

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1,
    reason="needs Linux and CPUs to choose from",
)


def test_the_threads_of_a_server_run_on_one_cpu_and_everywhere_when_it_has_ended():
    before = os.sched_getaffinity(0)

    with on_one_cpu():
        here, there = os.sched_getaffinity(0), in_a_thread(lambda: os.sched_getaffinity(0))

    assert len(here) == 1
    assert there == here <= before
    assert os.sched_getaffinity(0) == before


def test_a_thread_that_was_there_before_comes_along():
    before = os.sched_getaffinity(0)
    may_end, places = threading.Event(), []
    thread = threading.Thread(target=may_end.wait, args=(WAIT_SECONDS,))
    thread.start()

    with on_one_cpu():
        places.append(os.sched_getaffinity(thread.native_id))
        here = os.sched_getaffinity(0)
    places.append(os.sched_getaffinity(thread.native_id))
    may_end.set()
    thread.join(WAIT_SECONDS)

    assert places == [here, before]


def test_work_without_the_lock_runs_anywhere_and_comes_back_when_the_others_are_placed():
    before = os.sched_getaffinity(0)
    crowd = Crowd(frozenset(before))

    with on_one_cpu():
        with anywhere(), anywhere():
            crowd.gather()
            apart = os.sched_getaffinity(0)
        crowd.gather()
        back = os.sched_getaffinity(0)

    assert apart == before
    assert len(back) == 1


def test_what_waits_for_evidence_runs_anywhere():
    before = os.sched_getaffinity(0)
    pool: WorkerPool[set[int]] = WorkerPool("evidence", 1)

    with on_one_cpu():
        place = pool.submit(lambda: os.sched_getaffinity(0)).wait(WAIT_SECONDS)
    pool.close()

    assert place == before


def test_the_cpu_is_the_one_that_the_serving_thread_is_on():
    with on_one_cpu():
        assert {cpu_of(threading.get_native_id())} == os.sched_getaffinity(0)


def test_a_thread_that_has_just_ended_is_no_trouble():
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join(WAIT_SECONDS)

    Crowd(frozenset(os.sched_getaffinity(0))).leave(ended.native_id or 0)


@pytest.mark.parametrize(
    ("cpus", "platform", "has_lock"), [({0}, "linux", True), ({0, 1}, "darwin", True), ({0, 1}, "linux", False)]
)
def test_nothing_is_placed_where_it_cannot_be_or_would_not_help(monkeypatch, cpus, platform, has_lock):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _thread: cpus)
    placed: list[object] = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda *where: placed.append(where))
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: has_lock, raising=False)

    with on_one_cpu(), anywhere():
        pass

    assert placed == []


def in_a_thread(work: Callable[[], set[int]]) -> set[int]:
    found: list[set[int]] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join(WAIT_SECONDS)
    return found[0]
