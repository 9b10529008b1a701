"""Whatever somebody puts into any cell of the log's tables is named, and nothing falls over: SQLite keeps any type."""

import shutil
import sqlite3
from contextlib import closing

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from decision_gate.core.json import canonical
from decision_gate.core.ports import RunKey
from decision_gate.core.testing.runs import start_commit, step_commit
from decision_gate.enterprise.audit import (
    ROOT,
    EventClass,
    LogKeys,
    Sealer,
    Sequencer,
    SqliteOutboxTable,
    Told,
    compare_chains,
    examine,
    leaf_rider,
    open_audit_store,
    tenant_log,
)
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.transactions import open_transactions
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database

KEYS = LogKeys(
    deployment="audit.example.org", keys=(Ed25519PrivateKey.from_private_bytes(b"the key of the test deployment.."),)
)
SEALER = Sealer(b"secret")
LOG = tenant_log(7)

LOG_CELLS = {
    "audit_logs": ("log", "size", "root", "note"),
    "audit_leaves": ("log", "idx", "key", "entry", "salt", "body", "class", "time", "subject"),
    "audit_tiles": ("log", "level", "n", "hashes"),
}
OTHER_CELLS = {
    "audit_outbox": ("log", "key", "leaf"),
    "runs": ("tenant", "namespace", "run_id", "head", "version", "status"),
    "records": ("run", "version", "position", "log", "seq", "key", "sha256", "body"),
}
VALUES = {
    "null": "NULL",
    "integer": "7",
    "negative": "-1",
    "huge": "9223372036854775807",
    "real": "1.5",
    "text": "'words'",
    "text that is none": "CAST(x'ff00fe' AS TEXT)",
    "nothing": "x''",
    "bytes": "x'ffffffffffffffffffffff'",
}


def rider(told, body):
    return leaf_rider(SEALER.seal(told, canonical(body)))


def told_of(commit):
    head = commit.head
    key = head.key
    run = {
        "digest": head.digest,
        "namespace_id": str(key.namespace_id),
        "run_id": key.run_id,
        "version": head.version,
    }
    return Told(event="run_commit", event_class=EventClass.DECISION, tenant_id=key.tenant_id, at_ms=1, run=run)


def loosen(connection):
    """Make every table take anything: what somebody does who owns the file."""
    for table in (*LOG_CELLS, *OTHER_CELLS):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        indexes = [
            sql
            for (sql,) in connection.execute(
                "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)
            )
        ]
        connection.execute(f"CREATE TABLE loose ({', '.join(columns)})")
        connection.execute(f"INSERT INTO loose SELECT * FROM {table}")  # noqa: S608 - own names
        connection.execute(f"DROP TABLE {table}")
        connection.execute(f"ALTER TABLE loose RENAME TO {table}")
        for sql in indexes:
            connection.execute(sql.replace("UNIQUE", ""))
    connection.commit()


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The file of a run, of two tenants' events, and of one that waits."""
    path = tmp_path_factory.mktemp("cells") / "gate.db"
    settings = DatabaseSettings(path=str(path))
    with (
        open_audit_store(settings) as store,
        open_database(SqliteSettings(path=path), rider_tables=[SqliteOutboxTable()], now_ms=lambda: 0) as database,
    ):
        runs = SqliteRunStore(database)
        start = start_commit(RunKey(7, 12, "run"))
        head = runs.create(start, [rider(told_of(start), {"n": 0})])
        call = Told(event="probe", event_class=EventClass.CALL, tenant_id=8, at_ms=1)
        runs.record([rider(call, {"n": n}) for n in range(3)])
        runs.record([rider(attrs.evolve(call, tenant_id=7), {"n": n}) for n in range(300)])
        Sequencer(store, KEYS).run()
        step = step_commit(head, "step")
        runs.append(step, [rider(told_of(step), {"n": 1})])
    with closing(sqlite3.connect(path)) as connection:
        loosen(connection)
    assert findings(path) == []
    return path


def findings(path):
    settings = DatabaseSettings(path=str(path))
    with open_audit_store(settings) as store, open_transactions(settings, []) as database:
        logs = [finding for report in examine(store, KEYS.names) for finding in report.findings]
        return [str(finding) for finding in (*logs, *compare_chains(store, KEYS.names, database))]


def changed(sound, tmp_path, table, column, value, where=""):
    """Return a copy with one cell changed, none when that is what the cell held."""
    path = shutil.copy(sound, tmp_path / "gate.db")
    with closing(sqlite3.connect(path)) as connection:
        one = f"rowid = (SELECT min(rowid) FROM {table} {where})"  # noqa: S608 - own names
        is_other = f"{column} IS NOT {value} AND {one}"
        touched = connection.execute(f"UPDATE {table} SET {column} = {value} WHERE {is_other}").rowcount  # noqa: S608 - texts of this test alone
        connection.commit()
    return path if touched else None


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("log", [LOG, ROOT], ids=["tenant", "root"])
@pytest.mark.parametrize("cell", [f"{table}.{column}" for table, columns in LOG_CELLS.items() for column in columns])
def test_a_cell_of_the_log_that_holds_anything_else_is_named(sound, tmp_path, cell, log, value):
    table, column = cell.split(".")
    path = changed(sound, tmp_path, table, column, value, f"WHERE log = x'{log.hex()}'")

    assert path is None or findings(path) != []


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("cell", [f"{table}.{column}" for table, columns in OTHER_CELLS.items() for column in columns])
def test_a_cell_beside_the_log_that_holds_anything_lets_everything_be_read(sound, tmp_path, cell, value):
    table, column = cell.split(".")
    path = changed(sound, tmp_path, table, column, value)

    if path is not None:
        found = findings(path)
        assert found == [] or "run" in found[0]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("column", OTHER_CELLS["audit_outbox"])
def test_whatever_waits_gets_a_place_and_nobody_waits_behind_it(sound, tmp_path, column, value):
    path = changed(sound, tmp_path, "audit_outbox", column, value)
    with open_audit_store(DatabaseSettings(path=str(path))) as store:
        Sequencer(store, KEYS).run()

        assert store.waiting_count() == 0
    assert findings(path) != [] or column == "key"
