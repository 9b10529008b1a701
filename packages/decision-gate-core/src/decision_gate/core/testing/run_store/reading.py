"""Reading steps, submissions and whole logs."""

from functools import partial

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Commit, Log, RunKey, RunStore, StepRecords
from decision_gate.core.testing.run_store.bench import RunStoreLaws, grow, run_of
from decision_gate.core.testing.runs import (
    KEY,
    bodies,
    poll_commit,
    start_commit,
    step_commit,
    submit_commit,
)


class RunReadingLaws(RunStoreLaws):
    """``step``, ``submission``, ``read``."""

    def test_a_step_is_found_by_its_trigger_with_all_its_records(self, store: RunStore) -> None:
        commits = run_of(store, 3)

        assert store.step(KEY, "trigger-2") == records_of(commits[2])

    def test_the_last_step_is_found_although_polls_came_after_it(self, store: RunStore) -> None:
        commits = grow(
            store,
            start_commit(),
            [
                lambda head: step_commit(head, "trigger-1"),
                lambda head: step_commit(head, "trigger-2", gates=0, packets=0),
                poll_commit,
                lambda head: submit_commit(head, "submission-1"),
            ],
        )

        assert store.step(KEY, None) == records_of(commits[2])

    def test_a_run_that_decided_nothing_has_no_step(self, store: RunStore) -> None:
        run_of(store, 0)

        assert store.step(KEY, None) is None
        assert store.step(KEY, "trigger-1") is None

    def test_a_run_that_is_not_there_has_no_step_and_no_submission(self, store: RunStore) -> None:
        assert store.step(KEY, None) is None
        assert store.step(KEY, "trigger-1") is None
        assert store.submission(KEY, "submission-1") is None

    def test_trigger_ids_are_compared_as_exact_text(self, store: RunStore) -> None:
        ids = ["Trigger", "trigger", "trigger ", "e\u0301", "\u00e9", "1", "01", "🚦" * 100]
        commits = grow(store, start_commit(), [partial(step_commit, trigger_id=each) for each in ids])

        assert [store.step(KEY, each) for each in ids] == [records_of(commit) for commit in commits[1:]]

    def test_a_submission_is_found_by_its_id(self, store: RunStore) -> None:
        commits = grow(
            store,
            start_commit(),
            [lambda head: submit_commit(head, "org/a"), lambda head: submit_commit(head, "org/b")],
        )

        assert store.submission(KEY, "org/b") == bodies([commits[2]], Log.SUBMISSIONS)[0]
        assert store.submission(KEY, "org/c") is None

    @pytest.mark.parametrize("log", Log)
    def test_a_log_is_read_in_the_order_of_its_commits(self, store: RunStore, log: Log) -> None:
        commits = run_of(store, 5)

        assert list(store.read(KEY, log)) == bodies(commits, log)

    @pytest.mark.parametrize(
        ("after", "upto"), [(0, None), (3, None), (0, 4), (3, 7), (4, 4), (5, 3), (9, None), (0, 99), (99, None)]
    )
    def test_a_part_of_a_log_is_read_by_sequence_number(self, store: RunStore, after: int, upto: int | None) -> None:
        commits = run_of(store, 5)

        found = list(store.read(KEY, Log.GATE_EVALS, after=after, upto=upto))

        assert found == bodies(commits, Log.GATE_EVALS)[after : max(after, upto) if upto is not None else None]

    def test_reading_a_run_that_is_not_there_is_refused(self, store: RunStore) -> None:
        with pytest.raises(DecisionGateError) as refused:
            list(store.read(KEY, Log.TRIGGERS))

        assert refused.value.code == "run_missing"

    def test_a_reader_sees_the_cut_it_asked_for_while_others_append(self, store: RunStore) -> None:
        commits = run_of(store, 40)
        cut = commits[-1].head
        reader = store.read(KEY, Log.GATE_EVALS, upto=cut.counts.gate_evals)

        begun = [next(reader), next(reader)]
        for n in range(40):
            store.append(step_commit(commits[-1].head, f"later-{n}"))
            commits.append(step_commit(commits[-1].head, f"later-{n}"))
        rest = list(reader)

        assert begun + rest == bodies(commits[:41], Log.GATE_EVALS)

    def test_a_reader_that_names_no_cut_reads_what_was_there_when_it_began(self, store: RunStore) -> None:
        commits = run_of(store, 2)
        reader = store.read(KEY, Log.TOOL_CALLS)

        first = next(reader)
        store.append(poll_commit(commits[-1].head))

        assert [first, *reader] == bodies(commits, Log.TOOL_CALLS)

    def test_an_abandoned_reader_holds_nobody_up(self, store: RunStore) -> None:
        commits = run_of(store, 2)

        next(store.read(KEY, Log.GATE_EVALS))
        poll = poll_commit(commits[-1].head)

        assert store.append(poll) == poll.head

    def test_runs_of_other_tenants_namespaces_and_ids_do_not_show(self, store: RunStore) -> None:
        mine = run_of(store, 1)
        for other in (RunKey(8, 3, "run-1"), RunKey(7, 4, "run-1"), RunKey(7, 3, "run-2")):
            grow(store, start_commit(other), [lambda head: step_commit(head, "theirs")])

        assert store.step(KEY, "theirs") is None
        assert list(store.read(KEY, Log.DECISIONS)) == bodies(mine, Log.DECISIONS)


def records_of(commit: Commit) -> StepRecords:
    """Return the step that *commit* holds."""
    return StepRecords(
        decision=bodies([commit], Log.DECISIONS)[0],
        packets=tuple(bodies([commit], Log.PACKETS)),
        gate_evals=tuple(bodies([commit], Log.GATE_EVALS)),
    )
