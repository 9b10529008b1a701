"""Whatever is changed in a stored run, the walk along its chain notices, and names the commit."""

import hashlib

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.ports import Integrity, RunKey, StoredCommit, StoredRecord, encode_head, walk_chain
from decision_gate.core.testing.runs import KEY, poll_commit, start_commit, step_commit, submit_commit

START = start_commit()
COMMITS = [START]
for make in (
    lambda head: step_commit(head, "trigger-1"),
    poll_commit,
    lambda head: submit_commit(head, "submission-1"),
    lambda head: step_commit(head, "trigger-2", gates=0, packets=0),
):
    COMMITS.append(make(COMMITS[-1].head))

CURRENT = encode_head(COMMITS[-1].head)
STORED = [
    StoredCommit(
        version=commit.head.version,
        head=encode_head(commit.head),
        records=tuple(
            StoredRecord(log=record.log, seq=record.seq, key=record.key, sha256=record.sha256, body=record.body)
            for record in commit.records
        ),
    )
    for commit in COMMITS
]
PLACES = [(commit.version, position) for commit in STORED for position in range(len(commit.records))]


def changed(version, position, **fields):
    """Return the run with fields of one record changed."""
    commit = STORED[version - 1]
    record = attrs.evolve(commit.records[position], **fields)
    records = (*commit.records[:position], record, *commit.records[position + 1 :])
    return [*STORED[: version - 1], attrs.evolve(commit, records=records), *STORED[version:]]


def test_an_untouched_run_is_sound():
    assert walk_chain(KEY, CURRENT, STORED) == Integrity(commits=5)


def test_a_run_without_commits_is_not():
    assert walk_chain(KEY, CURRENT, []) == Integrity(commits=0, problem="commit 1 is missing")


@given(st.sampled_from(PLACES), st.binary())
def test_an_edited_body_names_its_record(place, body):
    version, position = place
    record = STORED[version - 1].records[position]

    found = walk_chain(KEY, CURRENT, changed(version, position, body=body))

    problem = f"commit {version}: {record.log.value} {record.seq} does not match its hash"
    assert found == Integrity(commits=version - 1, problem=problem)


@given(st.sampled_from(PLACES), st.binary())
def test_an_edited_body_with_an_edited_hash_breaks_the_chain_at_its_commit(place, body):
    version, position = place

    found = walk_chain(KEY, CURRENT, changed(version, position, body=body, sha256=hashlib.sha256(body).hexdigest()))

    assert found.commits == version - 1
    assert found.problem.startswith(f"commit {version}: its digest does not follow")


@given(st.sampled_from(PLACES))
def test_a_missing_record_is_named(place):
    version, position = place
    commit = STORED[version - 1]
    record = commit.records[position]
    records = (*commit.records[:position], *commit.records[position + 1 :])

    found = walk_chain(KEY, CURRENT, [*STORED[: version - 1], attrs.evolve(commit, records=records), *STORED[version:]])

    problem = f"commit {version}: {record.log.value} {record.seq} is missing"
    assert found == Integrity(commits=version - 1, problem=problem)


@given(st.permutations(range(len(STORED[1].records))))
def test_records_in_another_order_are_noticed(order):
    records = tuple(STORED[1].records[position] for position in order)

    found = walk_chain(KEY, CURRENT, [STORED[0], attrs.evolve(STORED[1], records=records), *STORED[2:]])

    assert found.is_sound == (records == STORED[1].records)


@given(st.integers(1, 5), st.integers(1, 5))
def test_a_commit_in_the_place_of_another_is_noticed(taken, put):
    commits = [*STORED[: taken - 1], STORED[put - 1], *STORED[taken:]]

    found = walk_chain(KEY, CURRENT, commits)

    assert found.is_sound == (taken == put)


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_a_missing_commit_is_named(version):
    commits = [commit for commit in STORED if commit.version != version]

    assert walk_chain(KEY, CURRENT, commits) == Integrity(commits=version - 1, problem=f"commit {version} is missing")


def test_commits_after_the_head_are_noticed():
    found = walk_chain(KEY, STORED[2].head, STORED)

    assert found == Integrity(commits=5, problem="the head of the run is not that of commit 5")


def test_heads_that_cannot_be_read_are_named():
    lost = [*STORED[:2], attrs.evolve(STORED[2], head=b"x"), *STORED[3:]]

    assert walk_chain(KEY, b"x", STORED) == Integrity(commits=5, problem="the head of the run cannot be read")
    assert walk_chain(KEY, CURRENT, lost) == Integrity(commits=2, problem="commit 3: its head cannot be read")


def test_the_same_commits_under_another_key_are_noticed():
    found = walk_chain(RunKey(7, 3, "run-2"), CURRENT, STORED)

    assert found == Integrity(commits=0, problem="commit 1: its head is missing or that of another commit")


@given(st.sampled_from(PLACES), st.binary(max_size=8))
def test_an_erased_record_is_sound_and_its_tombstone_may_not_be_edited(place, tombstone):
    version, position = place
    erased = STORED[version - 1].records[position].erased(tombstone)
    mark = {"tombstone": erased.tombstone}

    sound = walk_chain(KEY, CURRENT, changed(version, position, body=tombstone, **mark))
    forged = walk_chain(KEY, CURRENT, changed(version, position, body=tombstone + b"!", **mark))

    assert sound == Integrity(commits=5)
    assert forged.commits == version - 1
    assert forged.problem.endswith("does not match its hash")


def test_a_record_that_answers_to_another_key_is_named():
    place = next((v, p) for v, p in PLACES if STORED[v - 1].records[p].key is not None)

    found = walk_chain(KEY, CURRENT, changed(*place, key="another"))

    assert found.problem == f"commit {place[0]}: its digest does not follow from its records and the commit before"
