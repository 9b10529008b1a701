"""The run store on PostgreSQL: the contract of the port, and what only this engine can break."""

import psycopg
import pytest

from decision_gate.core.ports import Integrity, Log, RunKey, RunQuery, StoreCorruptError
from decision_gate.core.testing.runs import NewRecord, bodies, commit_on, start_commit, step_commit
from decision_gate.enterprise.stores.postgres import open_run_store

pytestmark = pytest.mark.services

KEY = RunKey(2**64 - 1, 2**64 - 2, "org/Läufe/1")


@pytest.fixture
def store(settings):
    with open_run_store(settings) as opened:
        yield opened


@pytest.fixture
def run(store):
    """A run of four commits."""
    head = store.create(start_commit(KEY))
    for _ in range(3):
        head = store.append(step_commit(head, f"trigger-{head.version}"))
    return head


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (
            "UPDATE decision_gate.run_log SET body = 'x' WHERE log = 3 AND seq = 2",
            "decisions 2 does not match its hash",
        ),
        ("DELETE FROM decision_gate.run_log WHERE log = 1 AND seq = 2", "triggers 2 is missing"),
        ("DELETE FROM decision_gate.run_log WHERE version = 3", "commit 3 is missing"),
        ("DELETE FROM decision_gate.run_log WHERE version = 4", "commit 4 is missing"),
        (
            "UPDATE decision_gate.run_log SET body = 'x', sha256 = sha256('x') WHERE log = 3 AND seq = 2",
            "its digest does not follow",
        ),
        ("UPDATE decision_gate.run_log SET key = 'renamed' WHERE log = 3 AND seq = 2", "its digest does not follow"),
        (r"UPDATE decision_gate.run_log SET key = '\xff' WHERE log = 3 AND seq = 2", "its digest does not follow"),
        ("UPDATE decision_gate.runs SET version = 9", "columns of the run"),
        ("UPDATE decision_gate.runs SET scenario_id = 'other'", "columns of the run"),
        (
            "UPDATE decision_gate.runs SET head = body FROM decision_gate.run_log l WHERE l.log = 0 AND l.version = 2",
            "head of the run is not that of commit 4",
        ),
    ],
)
def test_check_names_the_place_of_an_edit_by_hand(store, run, settings, edit, problem):
    assert store.check(KEY) == Integrity(commits=run.version)
    with psycopg.connect(settings.conninfo()) as connection:
        connection.execute(edit)

    found = store.check(KEY)

    assert not found.is_sound
    assert problem in found.problem


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE decision_gate.run_log SET body = 'x' WHERE log = 3 AND seq = 2",
        "DELETE FROM decision_gate.run_log WHERE log = 3 AND seq = 2",
        "DELETE FROM decision_gate.run_log WHERE log = 3 AND seq = 3",
    ],
)
def test_reading_an_edited_log_stops_with_an_error(store, run, settings, edit):
    with psycopg.connect(settings.conninfo()) as connection:
        connection.execute(edit)

    with pytest.raises(StoreCorruptError) as refused:
        list(store.read(KEY, Log.DECISIONS, upto=run.counts.decisions))

    assert refused.value.code == "store_corrupt"


def test_log_longer_than_a_page_and_larger_than_its_bytes_is_read_whole(store):
    commits = [start_commit(KEY)]
    store.create(commits[0])
    for _ in range(8):
        commits.append(commit_on(commits[-1].head, [NewRecord(Log.TRIGGERS, bytes(1_000_000))]))
        store.append(commits[-1])
    for n in range(150):
        commits.append(step_commit(commits[-1].head, f"trigger-{n}"))
        store.append(commits[-1])

    found = list(store.read(KEY, Log.TRIGGERS, after=1))

    assert found == bodies(commits, Log.TRIGGERS)[1:]


def test_same_namespace_and_run_under_two_tenants_are_two_runs(store):
    mine, theirs = RunKey(1, 7, "run"), RunKey(2, 7, "run")

    store.append(step_commit(store.create(start_commit(mine)), "trigger"))
    store.create(start_commit(theirs))

    assert (store.head(mine).version, store.head(theirs).version) == (2, 1)
    assert [item.head.key for item in store.runs(RunQuery(tenant_id=2), None, 10).items] == [theirs]


@pytest.mark.usefixtures("store")
def test_every_index_and_key_starts_with_the_tenant(settings):
    """Architecture, enterprise rules: the same schema distributes or splits later."""
    query = """
        SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE n.nspname = 'decision_gate' AND c.relname <> 'migrations_pkey'
    """
    with psycopg.connect(settings.conninfo()) as connection:
        first_columns = dict(connection.execute(query).fetchall())

    assert {name: column for name, column in first_columns.items() if column not in {"tenant", "owner"}} == {}
    assert len(first_columns) >= 9
