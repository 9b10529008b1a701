"""Walking the chain and erasing under retention."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Commit, Integrity, Log, RecordRef, RunStore, StepRecords
from decision_gate.core.testing.run_store.bench import RunStoreBench, RunStoreLaws, grow, run_of
from decision_gate.core.testing.runs import KEY, bodies, poll_commit, start_commit, step_commit, submit_commit

_GONE = b'{"erased":"2027-01-01"}'


class RunChainLaws(RunStoreLaws):
    """``check`` and ``erase``."""

    def test_the_chain_of_an_untouched_run_holds(self, store: RunStore) -> None:
        grow(
            store,
            start_commit(),
            [
                lambda head: step_commit(head, "trigger-1"),
                poll_commit,
                lambda head: submit_commit(head, "submission-1"),
            ],
        )

        assert store.check(KEY) == Integrity(commits=4)

    def test_a_commit_whose_digest_is_wrong_is_named(self, store: RunStore) -> None:
        commits = run_of(store, 1)
        foreign = run_of_another_past()

        store.append(foreign)

        found = store.check(KEY)
        assert found.commits == len(commits)
        assert found.problem is not None
        assert found.problem.startswith("commit 3: its digest does not follow")

    def test_checking_a_run_that_is_not_there_is_refused(self, store: RunStore) -> None:
        with pytest.raises(DecisionGateError) as refused:
            store.check(KEY)

        assert refused.value.code == "run_missing"

    def test_an_erased_record_reads_as_its_tombstone_and_the_chain_still_holds(self, store: RunStore) -> None:
        commits = run_of(store, 2)

        store.erase(KEY, [RecordRef(log=Log.GATE_EVALS, seq=2), RecordRef(log=Log.PACKETS, seq=1)], _GONE)

        evaluations = bodies(commits, Log.GATE_EVALS)
        assert list(store.read(KEY, Log.GATE_EVALS)) == [evaluations[0], _GONE, *evaluations[2:]]
        assert store.step(KEY, "trigger-1") == StepRecords(
            decision=bodies(commits, Log.DECISIONS)[0], packets=(_GONE,), gate_evals=(evaluations[0], _GONE)
        )
        assert store.check(KEY) == Integrity(commits=3)

    def test_a_run_goes_on_after_an_erasure(self, bench: RunStoreBench) -> None:
        commits = run_of(bench.store, 1)
        bench.store.erase(KEY, [RecordRef(log=Log.TRIGGERS, seq=1)], _GONE)

        bench.store.append(step_commit(commits[-1].head, "trigger-2"))

        assert bench.reopen().check(KEY) == Integrity(commits=3)

    def test_erasing_twice_leaves_the_last_tombstone(self, store: RunStore) -> None:
        run_of(store, 1)
        ref = RecordRef(log=Log.DECISIONS, seq=1)

        store.erase(KEY, [ref], _GONE)
        store.erase(KEY, [ref, ref], b"gone for good")

        assert list(store.read(KEY, Log.DECISIONS)) == [b"gone for good"]
        assert store.check(KEY) == Integrity(commits=2)

    def test_an_erased_submission_is_still_found_by_its_id(self, store: RunStore) -> None:
        grow(store, start_commit(), [lambda head: submit_commit(head, "submission-1")])

        store.erase(KEY, [RecordRef(log=Log.SUBMISSIONS, seq=1)], _GONE)

        assert store.submission(KEY, "submission-1") == _GONE

    @pytest.mark.parametrize("seq", [-1, 0, 3])
    def test_erasing_a_record_that_is_not_there_erases_nothing(self, store: RunStore, seq: int) -> None:
        commits = run_of(store, 2)

        with pytest.raises(DecisionGateError) as refused:
            store.erase(KEY, [RecordRef(log=Log.DECISIONS, seq=1), RecordRef(log=Log.DECISIONS, seq=seq)], _GONE)

        assert refused.value.code == "record_missing"
        assert list(store.read(KEY, Log.DECISIONS)) == bodies(commits, Log.DECISIONS)

    def test_erasing_in_a_run_that_is_not_there_is_refused(self, store: RunStore) -> None:
        with pytest.raises(DecisionGateError) as refused:
            store.erase(KEY, [RecordRef(log=Log.TRIGGERS, seq=1)], _GONE)

        assert refused.value.code == "run_missing"


def run_of_another_past() -> Commit:
    """Return a commit that fits a run of one step by version and counts, but was made on another one."""
    start = start_commit(scenario_id="another")
    step = step_commit(start.head, "trigger-1")
    return step_commit(step.head, "trigger-2")
