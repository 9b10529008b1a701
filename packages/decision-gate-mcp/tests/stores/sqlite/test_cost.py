"""A step costs the same whatever the length of the run: the same statements, each through an index."""

import sqlite3

import pytest

from decision_gate.core.ports import Log, RunQuery
from decision_gate.core.testing import note
from decision_gate.core.testing.runs import KEY, new_record, start_commit, step_commit, submit_commit
from decision_gate.mcp.stores.sqlite import SqliteRunStore, database


@pytest.fixture
def statements(monkeypatch):
    """Give the list of all statements that are executed, with their values."""
    found = []
    connect = sqlite3.connect

    def tracing(*arguments, **settings):
        connection = connect(*arguments, **settings)
        connection.set_trace_callback(found.append)
        return connection

    monkeypatch.setattr(database.sqlite3, "connect", tracing)
    yield found
    monkeypatch.undo()


def test_every_call_on_a_long_run_costs_what_it_costs_on_a_short_one(file, statements):
    store = SqliteRunStore(file.open())
    head = store.create(start_commit(records=[new_record(Log.SUBMISSIONS, "submission-1")]))
    store.head(KEY)  # opens the connection for reading
    measured = {}
    for n in range(1, 401):
        steps = step_commit(head, f"trigger-{n:04}")
        statements.clear()
        head = store.append(steps, [note(f"note-{n:04}")])
        if n in (10, 100, 400):
            appending = list(statements)
            statements.clear()
            store.head(KEY)
            store.step(KEY, "trigger-0005")
            store.step(KEY, None)
            store.submission(KEY, "submission-1")
            measured[n] = [shape(statement) for statement in (*appending, *statements)]

    assert measured[10] == measured[100] == measured[400]


def shape(statement):
    """Return a statement without its values."""
    return " ".join(statement.split())[:40]


def test_no_call_looks_through_a_whole_table(file, statements):
    store = SqliteRunStore(file.open())
    head = store.create(start_commit())
    store.append(step_commit(head, "trigger-1"))
    statements.clear()

    store.append(submit_commit(store.head(KEY), "submission-1"))
    store.step(KEY, "trigger-1")
    store.submission(KEY, "submission-1")
    list(store.read(KEY, Log.GATE_EVALS, after=1))
    store.runs(RunQuery(tenant_id=7), None, 10)
    store.runs(RunQuery(tenant_id=7, namespace_id=3), None, 10)
    store.check(KEY)

    plans = [
        (statement, plan)
        for statement in statements
        if statement.split()[0] in ("SELECT", "UPDATE")
        for *_, plan in file.rows(f"EXPLAIN QUERY PLAN {statement}")
    ]
    assert len(plans) >= 12
    assert [plan for plan in plans if "SCAN" in plan[1] or "TEMP B-TREE" in plan[1]] == []
