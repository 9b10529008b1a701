"""Creating runs and appending to them."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import RunStatus
from decision_gate.core.ports import ConflictError, Log, PendingDispatch, RunKey, RunStore
from decision_gate.core.testing.run_store.bench import RunStoreBench, RunStoreLaws, run_of
from decision_gate.core.testing.runs import (
    KEY,
    NewRecord,
    bodies,
    commit_on,
    new_record,
    poll_commit,
    start_commit,
    step_commit,
    submit_commit,
)

_ODD_KEYS = (
    RunKey(1, 1, "run"),
    RunKey(2**64 - 1, 2**64 - 1, "run"),
    RunKey(2**63, 2**63 - 1, "run"),
    RunKey(7, 3, "org/repo"),
    RunKey(7, 3, "refs\\heads\\x y"),
    RunKey(7, 3, "größe-日本-🚦"),
    RunKey(7, 3, "e\u0301"),
    RunKey(7, 3, "\u00e9"),
    RunKey(7, 3, "%_'\";--"),
    RunKey(7, 3, "1"),
    RunKey(7, 3, "x" * 255),
    RunKey(7, 3, "🚦" * 63 + "abc"),
)


class RunWritingLaws(RunStoreLaws):
    """``create``, ``head``, ``append``."""

    def test_a_fresh_store_is_ready_and_knows_no_run(self, store: RunStore) -> None:
        store.ready()

        assert store.head(KEY) is None

    def test_a_created_run_has_the_head_of_its_commit(self, store: RunStore) -> None:
        commit = start_commit()

        created = store.create(commit)

        assert created == commit.head
        assert store.head(KEY) == commit.head

    def test_a_second_run_of_the_same_key_is_refused_and_changes_nothing(self, store: RunStore) -> None:
        commits = run_of(store, 1)

        with pytest.raises(DecisionGateError) as refused:
            store.create(start_commit(scenario_id="another"))

        assert refused.value.code == "run_exists"
        assert store.head(KEY) == commits[-1].head

    def test_an_appended_commit_moves_the_head(self, store: RunStore) -> None:
        start = start_commit()
        store.create(start)
        step = step_commit(start.head, "trigger-1", status=RunStatus.COMPLETED)

        appended = store.append(step)

        assert appended == step.head
        assert store.head(KEY) == step.head

    def test_a_pending_dispatch_comes_back_as_it_was_written(self, store: RunStore) -> None:
        start = start_commit()
        store.create(start)
        pending = PendingDispatch(decision_seq=1, packet_ids=("a", "b"), until=1_760_000_005_000)
        intent = commit_on(start.head, [new_record(Log.INTENTS, trigger_id="trigger-1")], pending=pending)

        store.append(intent)

        found = store.head(KEY)
        assert found is not None
        assert found.pending == pending

    def test_appending_to_a_run_that_is_not_there_is_refused(self, store: RunStore) -> None:
        with pytest.raises(DecisionGateError) as refused:
            store.append(poll_commit(start_commit().head))

        assert refused.value.code == "run_missing"
        assert store.head(KEY) is None

    def test_a_commit_from_an_old_version_conflicts_and_is_told_the_head(self, store: RunStore) -> None:
        commits = run_of(store, 2)
        late = step_commit(commits[0].head, "late")

        with pytest.raises(ConflictError) as refused:
            store.append(late)

        assert refused.value.head == commits[-1].head
        assert store.head(KEY) == commits[-1].head
        assert store.step(KEY, "late") is None

    def test_a_commit_from_a_version_to_come_conflicts(self, store: RunStore) -> None:
        commits = run_of(store, 1)
        unseen = poll_commit(commits[-1].head)

        with pytest.raises(ConflictError) as refused:
            store.append(poll_commit(unseen.head))

        assert refused.value.head == commits[-1].head

    def test_the_same_commit_twice_is_applied_once(self, store: RunStore) -> None:
        start = start_commit()
        store.create(start)
        poll = poll_commit(start.head)
        store.append(poll)

        with pytest.raises(ConflictError) as refused:
            store.append(poll)

        assert refused.value.head == poll.head
        assert list(store.read(KEY, Log.TOOL_CALLS)) == bodies([poll], Log.TOOL_CALLS)

    def test_a_key_that_its_log_has_already_is_refused_and_nothing_is_written(self, store: RunStore) -> None:
        commits = run_of(store, 1)

        with pytest.raises(DecisionGateError) as refused:
            store.append(step_commit(commits[-1].head, "trigger-1"))

        assert refused.value.code == "record_key_taken"
        assert store.head(KEY) == commits[-1].head
        assert list(store.read(KEY, Log.TRIGGERS)) == bodies(commits, Log.TRIGGERS)

    def test_the_same_key_may_stand_in_another_log_and_in_another_run(self, store: RunStore) -> None:
        commits = run_of(store, 1)
        submission = submit_commit(commits[-1].head, "trigger-1")

        store.append(submission)
        other = run_of(store, 1, RunKey(7, 3, "run-2"))

        assert store.submission(KEY, "trigger-1") == bodies([submission], Log.SUBMISSIONS)[0]
        assert store.head(other[-1].key) == other[-1].head

    def test_what_was_acknowledged_is_there_when_the_store_is_opened_again(self, bench: RunStoreBench) -> None:
        commits = run_of(bench.store, 3)

        reopened = bench.reopen()

        assert reopened.head(KEY) == commits[-1].head
        assert [list(reopened.read(KEY, log)) for log in Log] == [bodies(commits, log) for log in Log]

    def test_a_record_of_a_megabyte_comes_back_byte_for_byte(self, store: RunStore) -> None:
        start = start_commit()
        store.create(start)
        large = NewRecord(Log.GATE_EVALS, bytes(range(256)) * 4096)

        store.append(commit_on(start.head, [large, NewRecord(Log.TOOL_CALLS, b"")]))

        assert list(store.read(KEY, Log.GATE_EVALS)) == [large.body]
        assert list(store.read(KEY, Log.TOOL_CALLS)) == [b""]

    @pytest.mark.parametrize("key", _ODD_KEYS, ids=range(len(_ODD_KEYS)))
    def test_any_identifier_names_a_run_of_its_own(self, store: RunStore, key: RunKey) -> None:
        for other in _ODD_KEYS:
            if other != key:
                store.create(start_commit(other))

        commits = run_of(store, 1, key)

        assert store.head(key) == commits[-1].head
        assert list(store.read(key, Log.DECISIONS)) == bodies(commits, Log.DECISIONS)
        assert store.check(key).is_sound
