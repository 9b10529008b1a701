"""Handing things in (contract §6.3, deviation S10)."""

import pytest

from decision_gate.core.engine import PayloadTooLargeError
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.limits import MAX_PAYLOAD_BYTES
from decision_gate.core.model import (
    BytesPayload,
    ContentRef,
    ExternalPayload,
    HashDigest,
    JsonPayload,
    SubmissionRecord,
)
from decision_gate.core.testing.world import KEY, START, World, scenario, stage
from decision_gate.core.timestamps import UnixMillis


@pytest.fixture
def world():
    started = World.of(scenario([stage("only")]))
    started.start()
    return started


def test_the_same_content_again_is_answered_with_the_first_record(world):
    first = world.submit("s", JsonPayload(value={"n": 1}))

    again = world.submit("s", JsonPayload(value={"n": 1}), at=UnixMillis(9_999))

    assert again == first
    assert world.state().submissions == (first,)
    assert [call.error for call in world.state().tool_calls] == [None, None]


def test_numbers_that_hash_alike_are_the_same_content(world):
    first = world.submit("s", JsonPayload(value=[1.0]))

    assert world.submit("s", JsonPayload(value=[1])) == first
    assert first.payload == JsonPayload(value=[1])
    assert type(first.payload.value[0]) is int


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        (JsonPayload(value={"n": 2}), "application/json"),
        (JsonPayload(value={"n": 1}), "text/json"),
        (BytesPayload(bytes=b"\x00"), "application/json"),
    ],
)
def test_other_content_under_the_same_id_conflicts_and_is_in_the_transcript(world, payload, content_type):
    first = world.submit("s", JsonPayload(value={"n": 1}))

    with pytest.raises(DecisionGateError) as refused:
        world.submit("s", payload, content_type=content_type)

    assert (refused.value.code, str(refused.value)) == ("submission_conflict", "submission_id conflict: s")
    assert world.state().submissions == (first,)
    assert world.state().tool_calls[-1].error.code == "submission_conflict"


def test_a_finished_run_still_takes_submissions(world):
    world.next("t1")

    record = world.submit("late", JsonPayload(value=None))

    assert world.state().submissions == (record,)


def test_a_payload_over_two_mebibytes_is_refused_and_nothing_is_written(world):
    before = world.engine.runs.head(KEY)

    with pytest.raises(DecisionGateError) as refused:
        world.submit("s", BytesPayload(bytes=bytes((2 << 20) + 1)))

    assert str(refused.value) == "payload exceeds size limit (2097153 > 2097152)"
    assert world.engine.runs.head(KEY) == before


@pytest.mark.parametrize("bad", ["", "a\nb", "x" * 256])
def test_a_submission_id_that_is_no_identifier_is_refused(world, bad):
    with pytest.raises(DecisionGateError) as refused:
        world.submit(bad, JsonPayload(value=None))

    assert refused.value.code == "invalid_identifier"
    assert str(refused.value).startswith("submission_id: ")


def test_a_payload_that_is_too_large_under_a_taken_id_is_a_conflict_and_in_the_transcript(world):
    world.submit("s", JsonPayload(value={"n": 1}))

    with pytest.raises(DecisionGateError) as refused:
        world.submit("s", BytesPayload(bytes=bytes((2 << 20) + 1)))

    assert refused.value.code == "submission_conflict"
    assert world.state().tool_calls[-1].error.code == "submission_conflict"


def test_a_record_keeps_what_was_handed_in_and_its_hash(world):
    record = world.submit("s", BytesPayload(bytes=b"abc"), content_type="application/octet-stream")

    assert record == SubmissionRecord(
        submission_id="s",
        run_id="run-1",
        payload=BytesPayload(bytes=b"abc"),
        content_type="application/octet-stream",
        content_hash=HashDigest(value="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        submitted_at=START,
        correlation_id=None,
    )


def test_the_hash_of_what_lies_elsewhere_is_taken_as_given(world):
    claimed = HashDigest(value="ZZ")
    payload = ExternalPayload(content_ref=ContentRef(uri="s3://bucket/key", content_hash=claimed))

    assert world.submit("s", payload).content_hash == claimed


def test_raw_bytes_are_taken_up_to_the_limit_and_no_longer(world):
    most = BytesPayload(bytes=b"x" * MAX_PAYLOAD_BYTES)

    with pytest.raises(PayloadTooLargeError) as refused:
        world.submit("t", BytesPayload(bytes=b"x" * (MAX_PAYLOAD_BYTES + 1)))

    assert world.submit("s", most).payload == most
    assert refused.value.code == "payload_too_large"


def test_submissions_move_no_gate(world):
    before = world.engine.runs.head(KEY).state_version

    world.submit("s", JsonPayload(value=True))

    assert world.engine.runs.head(KEY).state_version == before
    assert world.facts.asked == []


def meanwhile(store, act):
    """Let somebody else *act* before the next commit is appended."""

    def once():
        store.before_append = lambda: None
        act()

    store.before_append = once


def test_a_submission_that_the_same_one_overtook_is_answered_with_its_record(store):
    world = World.of(scenario([stage("only")]), runs=store)
    world.start()
    meanwhile(store, lambda: world.submit("s", JsonPayload(value=1), at=UnixMillis(7)))

    record = world.submit("s", JsonPayload(value=1))

    assert record.submitted_at == UnixMillis(7)
    assert world.state().submissions == (record,)
    assert len(world.state().tool_calls) == 2


def test_a_submission_whose_id_was_taken_meanwhile_is_a_conflict(store):
    world = World.of(scenario([stage("only")]), runs=store)
    world.start()
    meanwhile(store, lambda: world.submit("s", JsonPayload(value=1)))

    with pytest.raises(DecisionGateError) as refused:
        world.submit("s", JsonPayload(value=2))

    assert refused.value.code == "submission_conflict"
    assert [record.payload for record in world.state().submissions] == [JsonPayload(value=1)]


def test_a_submission_that_others_always_overtake_is_told_so_and_not_recorded(store):
    world = World.of(scenario([stage("only")]), runs=store)
    world.start()
    others = iter(range(10_000))

    def overtake():
        store.before_append = lambda: None
        world.submit(f"other-{next(others)}", JsonPayload(value=None))
        store.before_append = overtake

    store.before_append = overtake

    with pytest.raises(DecisionGateError) as refused:
        world.submit("s", JsonPayload(value=1))

    assert refused.value.code == "concurrent_update"
    assert store.submission(KEY, "s") is None
