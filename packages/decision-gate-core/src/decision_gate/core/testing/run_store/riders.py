"""Riders: with the commit or not at all."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Rider, RiderRefusedError
from decision_gate.core.testing.notes import NOTE, REFUSAL, note, refused_note
from decision_gate.core.testing.run_store.bench import RunStoreBench, RunStoreLaws, run_of
from decision_gate.core.testing.runs import KEY, poll_commit, start_commit


class RunRiderLaws(RunStoreLaws):
    """The riders of ``create`` and ``append``, and ``record``."""

    def test_a_store_names_the_kinds_it_was_opened_with(self, bench: RunStoreBench) -> None:
        assert bench.store.rider_kinds == frozenset({NOTE})

    def test_riders_are_written_with_their_commit(self, bench: RunStoreBench) -> None:
        start = start_commit()

        bench.store.create(start, [note("first", b"\x00\xff"), note("second")])
        bench.store.append(poll_commit(start.head), [note("third")])

        assert list(bench.notes()) == [note("first", b"\x00\xff"), note("second"), note("third")]

    def test_a_refused_rider_leaves_no_run_and_no_other_rider_behind(self, bench: RunStoreBench) -> None:
        with pytest.raises(RiderRefusedError) as refused:
            bench.store.create(start_commit(), [note("first"), refused_note(), note("last")])

        assert (refused.value.kind, refused.value.reason) == (NOTE, REFUSAL)
        assert bench.store.head(KEY) is None
        assert list(bench.notes()) == []

    def test_a_refused_rider_leaves_the_run_where_it_was(self, bench: RunStoreBench) -> None:
        commits = run_of(bench.store, 1)
        poll = poll_commit(commits[-1].head)

        with pytest.raises(RiderRefusedError):
            bench.store.append(poll, [note("first"), refused_note()])

        assert bench.store.head(KEY) == commits[-1].head
        assert list(bench.notes()) == []
        assert bench.store.append(poll, [note("first")]) == poll.head

    def test_a_conflict_leaves_no_rider_behind(self, bench: RunStoreBench) -> None:
        commits = run_of(bench.store, 1)

        with pytest.raises(DecisionGateError) as refused:
            bench.store.append(poll_commit(commits[0].head), [note("late")])

        assert refused.value.code == "conflict"
        assert list(bench.notes()) == []

    def test_a_rider_of_the_same_key_changes_nothing_and_its_commit_counts(self, bench: RunStoreBench) -> None:
        start = start_commit()
        bench.store.create(start, [note("once", b"first")])
        poll = poll_commit(start.head)

        appended = bench.store.append(poll, [note("once", b"second"), note("once", b"third")])

        assert appended == poll.head
        assert list(bench.notes()) == [note("once", b"first")]

    def test_a_rider_without_a_table_is_refused_before_anything_is_written(self, bench: RunStoreBench) -> None:
        stranger = Rider(kind="unheard-of", key="key", body=b"")

        with pytest.raises(DecisionGateError) as refused:
            bench.store.create(start_commit(), [note("first"), stranger])

        assert refused.value.code == "rider_kind"
        assert bench.store.head(KEY) is None
        assert list(bench.notes()) == []

    def test_riders_are_recorded_without_a_run_all_or_none(self, bench: RunStoreBench) -> None:
        bench.store.record([note("denied"), note("rate")])

        with pytest.raises(RiderRefusedError):
            bench.store.record([note("third"), refused_note()])
        with pytest.raises(DecisionGateError) as refused:
            bench.store.record([note("fourth"), Rider(kind="unheard-of", key="key", body=b"")])

        assert refused.value.code == "rider_kind"
        assert list(bench.notes()) == [note("denied"), note("rate")]

    def test_recording_nothing_is_allowed(self, bench: RunStoreBench) -> None:
        bench.store.record([])

        assert list(bench.notes()) == []

    def test_riders_survive_opening_again(self, bench: RunStoreBench) -> None:
        bench.store.create(start_commit(), [note("kept")])

        reopened = bench.reopen()
        reopened.record([note("kept", b"again"), note("new")])

        assert list(bench.notes()) == [note("kept"), note("new")]
