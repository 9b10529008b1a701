"""Many threads on one store."""

import threading
from functools import partial

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import ConflictError, Log, RunHead, RunKey, RunStore
from decision_gate.core.testing.notes import note
from decision_gate.core.testing.races import race
from decision_gate.core.testing.run_store.bench import RunStoreBench, RunStoreLaws, run_of
from decision_gate.core.testing.runs import KEY, bodies, start_commit, step_commit


class RunRaceLaws(RunStoreLaws):
    """What holds when calls come side by side."""

    def test_of_two_commits_on_one_version_exactly_one_wins(self, bench: RunStoreBench) -> None:
        head = run_of(bench.store, 0)[-1].head
        for _ in range(10):
            rivals = [step_commit(head, f"trigger-{head.version}-{n}") for n in range(2)]

            outcomes = race([partial(bench.store.append, rival, [note(rival.head.digest)]) for rival in rivals])

            won = [outcome for outcome in outcomes if isinstance(outcome, RunHead)]
            lost = [outcome for outcome in outcomes if isinstance(outcome, ConflictError)]
            assert (len(won), len(lost)) == (1, 1)
            assert lost[0].head == won[0] == bench.store.head(KEY)
            assert bench.notes()[-1] == note(won[0].digest)
            head = won[0]
        assert len(bench.notes()) == 10
        assert bench.store.check(KEY).is_sound

    def test_of_many_creations_of_one_run_exactly_one_wins(self, store: RunStore) -> None:
        starts = [start_commit(scenario_id=f"scenario-{n}") for n in range(8)]

        outcomes = race([partial(store.create, start) for start in starts])

        won = [outcome for outcome in outcomes if isinstance(outcome, RunHead)]
        lost = [outcome.code for outcome in outcomes if isinstance(outcome, DecisionGateError)]
        assert (len(won), lost) == (1, ["run_exists"] * 7)
        assert store.head(KEY) == won[0]

    def test_many_writers_on_one_run_lose_nothing_that_was_acknowledged(self, store: RunStore) -> None:
        run_of(store, 0)

        def write(writer: int) -> int:
            conflicts = 0
            for n in range(10):
                head = store.head(KEY)
                while True:
                    assert head is not None
                    try:
                        store.append(step_commit(head, f"trigger-{writer}-{n}"))
                        break
                    except ConflictError as conflict:
                        conflicts += 1
                        head = conflict.head
            return conflicts

        outcomes = race([partial(write, writer) for writer in range(4)])

        assert all(isinstance(outcome, int) for outcome in outcomes)
        assert store.check(KEY).commits == 41
        assert all(store.step(KEY, f"trigger-{writer}-{n}") for writer in range(4) for n in range(10))

    def test_writers_of_different_runs_do_not_disturb_one_another(self, store: RunStore) -> None:
        keys = [RunKey(tenant, 3, f"run-{n}") for tenant in (7, 8) for n in range(4)]

        outcomes = race([partial(run_of, store, 8, key) for key in keys])

        for key, commits in zip(keys, outcomes, strict=True):
            assert isinstance(commits, list)
            assert store.head(key) == commits[-1].head
            assert list(store.read(key, Log.PACKETS)) == bodies(commits, Log.PACKETS)
            assert store.check(key).is_sound

    def test_readers_beside_a_writer_see_whole_commits_in_order(self, store: RunStore) -> None:
        head = run_of(store, 0)[-1].head
        done = threading.Event()

        def write() -> None:
            nonlocal head
            try:
                for n in range(40):
                    head = store.append(step_commit(head, f"trigger-{n}"))
            finally:
                done.set()

        def read() -> int:
            seen = 0
            while not done.is_set():
                cut = store.head(KEY)
                assert cut is not None
                assert cut.version >= seen
                seen = cut.version
                logs = {log: list(store.read(KEY, log, upto=cut.counts.of(log))) for log in Log}
                assert [len(logs[log]) for log in Log] == [cut.counts.of(log) for log in Log]
            return seen

        outcomes = race([write, read, read])

        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
        assert store.check(KEY).commits == 41
