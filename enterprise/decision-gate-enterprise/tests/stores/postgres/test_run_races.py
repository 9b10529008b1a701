"""Of commits that expect one version of a run at most one is applied, whoever sends them."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from decision_gate.core.ports import ConflictError, Integrity, RunExistsError, RunKey
from decision_gate.core.testing.runs import start_commit, step_commit
from decision_gate.enterprise.stores.postgres import open_run_store

pytestmark = pytest.mark.services

KEY = RunKey(1, 1, "run")
RACER = Path(__file__).parent / "race.py"


def test_two_processes_share_a_run_without_a_lost_or_doubled_commit(settings):
    until = 200
    with open_run_store(settings) as store:
        store.create(start_commit(KEY))

        command = [sys.executable, str(RACER), settings.conninfo(), KEY.run_id, str(until)]
        racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
        assert [racer.stdout.readline() for racer in racers] == [b"ready\n"] * 2
        for racer in racers:
            racer.stdin.write(b"go\n")
            racer.stdin.flush()
        outputs = [racer.communicate(timeout=120)[0] for racer in racers]

        won = [[int(line) for line in output.split()] for output in outputs]
        assert all(won)
        assert sorted(won[0] + won[1]) == list(range(2, until + 1))
        assert store.check(KEY) == Integrity(commits=until)
    assert [racer.returncode for racer in racers] == [0, 0]


def test_sixteen_threads_with_one_expectation_have_one_winner_and_losers_see_its_head(settings):
    with open_run_store(settings) as store:
        before = store.create(start_commit(KEY))

        def append(number):
            try:
                return store.append(step_commit(before, f"trigger of {number}"))
            except ConflictError as conflict:
                return conflict.head

        with ThreadPoolExecutor(16) as pool:
            heads = set(pool.map(append, range(16)))

        assert heads == {store.head(KEY)}
        assert store.check(KEY) == Integrity(commits=2)


def test_sixteen_threads_that_create_one_run_have_one_winner(settings):
    with open_run_store(settings) as store:

        def create(_):
            try:
                store.create(start_commit(KEY))
            except RunExistsError:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            made = list(pool.map(create, range(16)))

        assert made.count(True) == 1
        assert store.check(KEY) == Integrity(commits=1)
