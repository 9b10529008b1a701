"""Opening a file: made when missing, refused when it is not ours, given up when it is gone."""

import os
import sqlite3
import stat

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Log, RecordRef
from decision_gate.core.testing.runs import KEY, NewRecord, commit_on, poll_commit, start_commit
from decision_gate.mcp.stores.sqlite import SqliteRunStore


def refusal(call):
    with pytest.raises(DecisionGateError) as refused:
        call()
    return refused.value.code


def execute(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_missing_file_is_made_with_its_folders_for_its_owner_alone(file):
    file.path = file.path.parent / "a" / "b" / "gate.db"

    file.open().ready()

    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert {path.name for path in file.path.parent.iterdir()} <= {"gate.db", "gate.db-wal", "gate.db-shm"}


def test_the_journal_is_as_configured(file):
    file.open(journal_mode="delete")

    assert file.rows("PRAGMA journal_mode") == [("delete",)]


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_runs_are_kept_in_either_journal_mode(file, journal_mode):
    store = SqliteRunStore(file.open(journal_mode=journal_mode))
    start = start_commit()
    store.create(start)
    poll = poll_commit(start.head)

    assert store.append(poll) == poll.head
    assert SqliteRunStore(file.open(journal_mode=journal_mode)).head(KEY) == poll.head


def test_a_folder_is_no_database(file):
    file.path.mkdir()

    assert refusal(file.open) == "store_path"


def test_a_path_below_a_file_is_refused(file):
    file.path.write_bytes(b"")
    file.path = file.path / "gate.db"

    assert refusal(file.open) == "store_path"


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\x00" + b"\xff" * 4096, b"\x00" * 8192])
def test_a_file_that_is_no_database_is_refused_and_left_alone(file, content):
    file.path.write_bytes(content)

    assert refusal(file.open) == "store_corrupt"
    assert file.path.read_bytes() == content


def test_a_truncated_file_is_refused(file):
    SqliteRunStore(file.open()).create(start_commit())
    file.close()
    os.truncate(file.path, file.path.stat().st_size // 2 // 4096 * 4096)

    def use():
        SqliteRunStore(file.open()).head(KEY)

    assert refusal(use) == "store_corrupt"


def test_a_database_of_another_program_is_refused_and_left_alone(file):
    execute(file.path, "CREATE TABLE store_meta (version INTEGER NOT NULL)")

    assert refusal(file.open) == "store_foreign"
    assert file.rows("SELECT name FROM sqlite_schema") == [("store_meta",)]


def test_a_newer_schema_is_refused_and_left_alone(file):
    file.open()
    file.close()
    execute(file.path, "UPDATE schema_version SET version = 99 WHERE component = 'stores'")

    assert refusal(file.open) == "store_schema_too_new"
    assert file.rows("SELECT version FROM schema_version WHERE component = 'stores'") == [(99,)]


def test_a_file_that_was_removed_takes_no_more_commits(file):
    database = file.open()
    store = SqliteRunStore(database)
    store.create(start_commit())

    file.path.unlink()

    assert refusal(database.ready) == "store_unavailable"
    assert refusal(lambda: store.append(poll_commit(start_commit().head))) == "store_unavailable"


def test_a_closed_database_answers_nothing(file):
    database = file.open()
    store = SqliteRunStore(database)

    database.close()
    database.close()

    assert refusal(database.ready) == "store_unavailable"
    assert refusal(lambda: store.create(start_commit())) == "store_unavailable"
    assert refusal(lambda: store.head(KEY)) == "store_unavailable"


def test_a_call_gives_up_when_another_process_holds_the_file_for_too_long(file):
    database = file.open(busy_timeout_ms=20)
    store = SqliteRunStore(database)
    other = sqlite3.connect(file.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert refusal(lambda: store.create(start_commit())) == "store_unavailable"
    assert refusal(database.ready) == "store_unavailable"
    assert store.head(KEY) is None
    other.execute("ROLLBACK")
    other.close()

    database.ready()
    assert store.create(start_commit()) == start_commit().head


def test_what_was_erased_is_in_no_file_any_more(file):
    store = SqliteRunStore(file.open())
    secret = b"the secret that has to go " * 400
    start = start_commit()
    store.create(start)
    store.append(commit_on(start.head, [NewRecord(Log.SUBMISSIONS, secret, "s")]))

    store.erase(KEY, [RecordRef(log=Log.SUBMISSIONS, seq=1)], b"gone")

    left = b"".join(path.read_bytes() for path in file.path.parent.iterdir())
    assert b"secret" not in left
    assert store.submission(KEY, "s") == b"gone"
