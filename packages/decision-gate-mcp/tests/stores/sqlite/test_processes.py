"""Several processes on one file, and processes that die."""

import subprocess
import sys
import textwrap

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Log
from decision_gate.core.testing.runs import KEY, start_commit
from decision_gate.mcp.stores.sqlite import SqliteRunStore

PATIENCE_S = 120

PROLOGUE = """
    import resource, signal, sys
    from pathlib import Path
    from decision_gate.core.errors import DecisionGateError
    from decision_gate.core.ports import ConflictError, Log, RunKey
    from decision_gate.core.testing.runs import KEY, NewRecord, commit_on, poll_commit, start_commit, step_commit
    from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database

    path, name = Path(sys.argv[1]), sys.argv[2]
"""


def process(file, program, name="one"):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROLOGUE) + textwrap.dedent(program), str(file.path), name],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def finished(child):
    """Return what *child* printed; it must have ended well."""
    output, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0
    return output.split()


def test_two_processes_on_one_run_lose_nothing_that_was_acknowledged(file):
    store = SqliteRunStore(file.open())
    store.create(start_commit())
    program = """
        with open_database(SqliteSettings(path=path), now_ms=lambda: 0) as database:
            store = SqliteRunStore(database)
            for n in range(100):
                head = store.head(KEY)
                while True:
                    try:
                        print(store.append(step_commit(head, f"{name}-{n}")).version)
                        break
                    except ConflictError as conflict:
                        head = conflict.head
    """

    children = [process(file, program, name) for name in ("one", "two")]
    versions = [int(version) for child in children for version in finished(child)]

    assert sorted(versions) == list(range(2, 202))
    assert store.check(KEY).commits == 201
    assert all(store.step(KEY, f"{name}-{n}") for name in ("one", "two") for n in range(100))


def test_processes_that_open_a_new_file_at_once_all_succeed(file):
    program = """
        with open_database(SqliteSettings(path=path), now_ms=lambda: 0) as database:
            SqliteRunStore(database).create(start_commit(RunKey(7, 3, name)))
    """

    children = [process(file, program, str(n)) for n in range(4)]

    assert [finished(child) for child in children] == [[]] * 4
    store = SqliteRunStore(file.open())
    assert all(store.head(type(KEY)(7, 3, str(n))) for n in range(4))


def test_what_a_killed_process_was_told_is_there(file):
    program = """
        with open_database(SqliteSettings(path=path), now_ms=lambda: 0) as database:
            store = SqliteRunStore(database)
            head = store.create(start_commit())
            for n in range(1_000_000):
                head = store.append(step_commit(head, f"trigger-{n}"))
                print(head.version, head.digest, flush=True)
    """
    child = process(file, program)
    acknowledged = [child.stdout.readline().split() for _ in range(50)]
    child.kill()
    acknowledged += [line.split() for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    child.wait(PATIENCE_S)
    child.stdout.close()

    store = SqliteRunStore(file.open())

    head = store.head(KEY)
    version, digest = acknowledged[-1]
    assert head.version in (int(version), int(version) + 1)
    assert head.digest == digest or head.version == int(version) + 1
    assert store.check(KEY).commits == head.version
    assert store.step(KEY, f"trigger-{int(version) - 2}") is not None


def test_a_process_that_dies_in_the_middle_of_a_commit_leaves_nothing_of_it(file):
    store = SqliteRunStore(file.open())
    store.create(start_commit())
    program = """
        import os

        with open_database(SqliteSettings(path=path), now_ms=lambda: 0) as database:
            commit = poll_commit(SqliteRunStore(database).head(KEY))
            write = database.write

            def write_and_die(work):
                def dying(connection):
                    work(connection)
                    print("written", flush=True)
                    os.kill(os.getpid(), signal.SIGKILL)

                write(dying)

            database.write = write_and_die
            SqliteRunStore(database).append(commit)
    """

    child = process(file, program)
    output, _ = child.communicate(timeout=PATIENCE_S)

    assert output.split() == ["written"]
    assert store.head(KEY) == start_commit().head
    assert list(store.read(KEY, Log.TOOL_CALLS)) == []
    assert store.check(KEY).is_sound


def test_a_disk_that_fails_stops_the_writer_loudly_and_a_new_process_goes_on(file):
    """The limit on file size is a disk that refuses the last pages of a commit."""
    program = """
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        codes = []

        def attempt(call):
            try:
                call()
                codes.append("done")
            except DecisionGateError as error:
                codes.append(error.code)

        with open_database(SqliteSettings(path=path), now_ms=lambda: 0) as database:
            store = SqliteRunStore(database)
            head = store.create(start_commit())
            resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, resource.RLIM_INFINITY))
            attempt(lambda: store.append(commit_on(head, [NewRecord(Log.TOOL_CALLS, b"x" * 1024 * 1024)])))
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            attempt(database.ready)
            attempt(lambda: store.append(poll_commit(head)))
            attempt(lambda: store.head(KEY))
        print(*codes)
    """

    codes = finished(process(file, program))

    assert codes == ["outcome_unknown", "store_unavailable", "store_unavailable", "store_unavailable"]
    store = SqliteRunStore(file.open())
    store.ready()
    assert store.head(KEY) == start_commit().head
    assert store.check(KEY).is_sound


def test_a_process_behind_a_busy_one_gets_its_turn(file):
    store = SqliteRunStore(file.open(busy_timeout_ms=30_000))
    program = """
        with open_database(SqliteSettings(path=path), now_ms=lambda: 0) as database:
            store = SqliteRunStore(database)
            head = store.create(start_commit(RunKey(7, 3, name)))
            print("ready", flush=True)
            while True:
                head = store.append(poll_commit(head))
    """
    hog = process(file, program, "hog")
    assert hog.stdout.readline() == "ready\n"

    try:
        for n in range(20):
            store.create(start_commit(type(KEY)(8, 3, f"run-{n}")))
        assert hog.poll() is None
    finally:
        hog.kill()
        hog.wait(PATIENCE_S)
        hog.stdout.close()


def test_a_newer_file_is_refused_although_an_older_process_still_runs(file):
    database = file.open()
    newer = file.open(NewerTable(1))
    newer.close()
    database.ready()

    with pytest.raises(DecisionGateError) as refused:
        file.open(NewerTable(0))

    assert refused.value.code == "store_schema_too_new"


class NewerTable:
    """A rider table with so many migrations."""

    kind = "other"

    def __init__(self, count):
        self.migrations = [["CREATE TABLE other (x) STRICT".replace("(x)", "(x INTEGER)")]][:count]

    def apply(self, connection, rider):
        raise NotImplementedError
