"""Editing a file behind the store's back: ``check`` names the place, and no reader hands out what was forged."""

import hashlib
import sqlite3

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Integrity, Log
from decision_gate.core.testing.run_store.bench import run_of
from decision_gate.core.testing.runs import KEY
from decision_gate.mcp.stores.sqlite import SqliteRunStore

FORGED = b'{"forged":true}'
FORGED_HASH = hashlib.sha256(FORGED).digest()
BROKEN_CHAIN = "commit 3: its digest does not follow from its records and the commit before"
FOREIGN_HEAD = "its head is missing or that of another commit"
OTHER_ROW = "the row of the run does not say what its head says"


@pytest.fixture
def store(file):
    """Give a run of four steps: commit 1 starts it, commits 2 to 5 decide."""
    store = SqliteRunStore(file.open())
    run_of(store, 4)
    return store


def damage(file, statement, *values):
    connection = sqlite3.connect(file.path, isolation_level=None)
    changed = connection.execute(statement, values).rowcount
    connection.close()
    assert changed > 0


@pytest.mark.parametrize(
    ("statement", "values", "commits", "problem"),
    [
        (
            "UPDATE records SET body = ? WHERE log = 3 AND seq = 2",
            [FORGED],
            2,
            "commit 3: decisions 2 does not match its hash",
        ),
        (
            "UPDATE records SET body = ?, sha256 = ? WHERE log = 3 AND seq = 2",
            [FORGED, FORGED_HASH],
            2,
            BROKEN_CHAIN,
        ),
        (
            "UPDATE records SET body = ?, tombstone = ? WHERE log = 3 AND seq = 2",
            [FORGED, b"\x00" * 32],
            2,
            "commit 3: decisions 2 does not match its hash",
        ),
        ("DELETE FROM records WHERE log = 3 AND seq = 2", [], 2, "commit 3: decisions 2 is missing"),
        ("DELETE FROM records WHERE version = 3", [], 2, "commit 3 is missing"),
        ("DELETE FROM records WHERE version = 3 AND log = 0", [], 2, f"commit 3: {FOREIGN_HEAD}"),
        ("DELETE FROM records WHERE version = 5", [], 4, "commit 5 is missing"),
        ("DELETE FROM records", [], 0, "commit 1 is missing"),
        (
            "UPDATE records SET seq = CASE seq WHEN 3 THEN 4 ELSE 3 END WHERE log = 2 AND seq IN (3, 4)",
            [],
            2,
            "commit 3: gate_evals 3 is missing",
        ),
        (
            "UPDATE records SET version = 4, position = 9 WHERE log = 3 AND seq = 2",
            [],
            2,
            "commit 3: decisions 2 is missing",
        ),
        ("UPDATE records SET position = position + 10 WHERE log = 1 AND seq = 2", [], 2, BROKEN_CHAIN),
        (
            "INSERT INTO records (run, version, position, log, seq, sha256, body) VALUES (1, 3, 99, 6, 3, ?, ?)",
            [FORGED_HASH, FORGED],
            2,
            "commit 3: tool_calls 3 does not belong here",
        ),
        (
            "INSERT INTO records (run, version, position, log, seq, sha256, body) VALUES (1, 6, 0, 6, 5, ?, ?)",
            [FORGED_HASH, FORGED],
            5,
            f"commit 6: {FOREIGN_HEAD}",
        ),
        (
            "UPDATE records SET body = CAST(replace(body, 'active', 'failed') AS BLOB) WHERE log = 0 AND version = 3",
            [],
            2,
            BROKEN_CHAIN,
        ),
        ("UPDATE records SET body = x'7b7d' WHERE log = 0 AND version = 3", [], 2, "commit 3: its head cannot be read"),
        (
            (
                "UPDATE records SET body = (SELECT body FROM records WHERE log = 0 AND version = 2)"
                " WHERE log = 0 AND version = 3"
            ),
            [],
            2,
            f"commit 3: {FOREIGN_HEAD}",
        ),
        (
            "UPDATE runs SET head = (SELECT body FROM records WHERE log = 0 AND version = 4), version = 4",
            [],
            5,
            "the head of the run is not that of commit 5",
        ),
        ("UPDATE runs SET head = x'00'", [], 5, "the head of the run cannot be read"),
        ("UPDATE runs SET version = 4", [], 5, OTHER_ROW),
        ("UPDATE runs SET status = 'completed'", [], 5, OTHER_ROW),
        ("UPDATE runs SET decided_at = 2", [], 5, OTHER_ROW),
    ],
)
def test_a_run_that_was_edited_names_the_place(file, store, statement, values, commits, problem):
    damage(file, statement, *values)

    assert store.check(KEY) == Integrity(commits=commits, problem=problem)


def test_a_run_that_took_the_place_of_another_is_named(file, store):
    other = type(KEY)(KEY.tenant_id, KEY.namespace_id, "run-2")
    damage(file, "UPDATE runs SET run_id = CAST('run-2' AS BLOB)")

    found = store.check(other)

    assert found == Integrity(commits=0, problem=f"commit 1: {FOREIGN_HEAD}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET body = x'7b7d' WHERE log = 3 AND seq = 2",
        "DELETE FROM records WHERE log = 3 AND seq = 2",
    ],
)
def test_no_reader_hands_out_what_was_forged_or_skips_what_is_gone(file, store, statement):
    damage(file, statement)

    for call in (
        lambda: list(store.read(KEY, Log.DECISIONS)),
        lambda: store.step(KEY, "trigger-2") or list(store.read(KEY, Log.DECISIONS)),
    ):
        with pytest.raises(DecisionGateError) as refused:
            call()
        assert refused.value.code == "store_corrupt"


def test_a_log_that_lost_its_end_is_not_read_as_a_shorter_one(file, store):
    damage(file, "DELETE FROM records WHERE log = 6 AND seq = 4")

    reader = store.read(KEY, Log.TOOL_CALLS)

    assert len([next(reader) for _ in range(3)]) == 3
    with pytest.raises(DecisionGateError) as refused:
        next(reader)
    assert refused.value.code == "store_corrupt"


def test_a_head_that_cannot_be_read_is_said_so(file, store):
    damage(file, "UPDATE runs SET head = x'ff'")

    with pytest.raises(DecisionGateError) as refused:
        store.head(KEY)

    assert refused.value.code == "store_corrupt"
