"""Leaders and followers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from decision_gate.core.ports import OutcomeUnknownError
from decision_gate.mcp.stores.sqlite.group_commit import GroupCommit

PATIENCE_S = 60


class Batches:
    """Commits batches; the first one waits until it may go on."""

    def __init__(self):
        self.sizes = []
        self.threads = set()
        self.has_begun = threading.Event()
        self.may_go_on = threading.Event()
        self.running = 0

    def commit(self, units):
        self.running += 1
        assert self.running == 1
        self.sizes.append(len(units))
        self.threads.add(threading.get_ident())
        if not self.has_begun.is_set():
            self.has_begun.set()
            assert self.may_go_on.wait(PATIENCE_S)
        for unit in units:
            if isinstance(unit.work, Exception):
                unit.fail(unit.work)
            else:
                unit.succeed(unit.work * 10)
        self.running -= 1


def wait_until(holds):
    gate = threading.Event()
    for _ in range(PATIENCE_S * 1000):
        if holds():
            return
        gate.wait(0.001)
    raise AssertionError


def run_behind_a_leader(batches, group, works):
    """Run 0 as the leader and *works* while it commits."""
    with ThreadPoolExecutor(len(works) + 1) as pool:
        leader = pool.submit(group.run, 0)
        assert batches.has_begun.wait(PATIENCE_S)
        followers = []
        for count, work in enumerate(works, 1):
            followers.append(pool.submit(group.run, work))
            wait_until(lambda count=count: group.waiting == count)
        batches.may_go_on.set()
        return [leader.result(PATIENCE_S), *(_outcome(follower) for follower in followers)]


def _outcome(future):
    error = future.exception(PATIENCE_S)
    return future.result() if error is None else error


def test_a_lone_caller_commits_in_its_own_thread():
    batches = Batches()
    batches.may_go_on.set()
    group = GroupCommit(batches.commit)

    found = [group.run(number) for number in (1, 2, 3)]

    assert found == [10, 20, 30]
    assert batches.sizes == [1, 1, 1]
    assert batches.threads == {threading.get_ident()}


def test_who_comes_while_a_batch_is_committed_is_committed_together():
    batches = Batches()
    group = GroupCommit(batches.commit)

    found = run_behind_a_leader(batches, group, [1, 2, 3, 4, 5])

    assert found == [0, 10, 20, 30, 40, 50]
    assert batches.sizes == [1, 5]


def test_a_refusal_reaches_its_caller_alone():
    batches = Batches()
    refusal = ValueError("no")

    found = run_behind_a_leader(batches, GroupCommit(batches.commit), [1, refusal, 3])

    assert found == [0, 10, refusal, 30]


def test_a_batch_has_a_largest_size():
    batches = Batches()
    group = GroupCommit(batches.commit, max_batch=2)

    found = run_behind_a_leader(batches, group, [1, 2, 3, 4, 5])

    assert found == [0, 10, 20, 30, 40, 50]
    assert batches.sizes == [1, 2, 2, 1]


def test_an_interrupted_batch_tells_its_callers_and_lets_the_next_one_lead():
    batches = Batches()

    def commit(units):
        if units[0].work == "interrupt":
            raise KeyboardInterrupt
        batches.commit(units)

    batches.may_go_on.set()
    group = GroupCommit(commit)

    with pytest.raises(KeyboardInterrupt):
        group.run("interrupt")

    assert group.run(7) == 70


def test_a_unit_that_nobody_settled_is_unknown():
    group = GroupCommit(lambda _: None)

    with pytest.raises(OutcomeUnknownError):
        group.run(1)


def test_many_callers_get_each_their_own_result():
    batches = Batches()
    batches.may_go_on.set()
    group = GroupCommit(batches.commit, max_batch=4)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(group.run, range(500)))

    assert found == [number * 10 for number in range(500)]
    assert sum(batches.sizes) == 500
