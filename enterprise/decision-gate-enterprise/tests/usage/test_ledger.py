"""The ledger on each engine: billed once, never past a limit, with the commit or not at all."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import attrs
import psycopg
import pytest

from decision_gate.core.ports import RiderRefusedError, RunKey
from decision_gate.core.testing.runs import start_commit, step_commit
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.stores.postgres import open_run_store
from decision_gate.enterprise.usage import Limit, Period, Standing, open_books
from decision_gate.enterprise.usage.books import EVERY_TENANT
from decision_gate.enterprise.usage.charge_body import charge_rider, details_of
from decision_gate.enterprise.usage.meter import LedgerMeter
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.testing.usage_meters import metered_call

TENANT = 2**64 - 1
CALLS = Metric.TOOL_CALLS
AT_MS = metered_call().at_ms
RACERS, ROUNDS, LIMIT = 32, 50, 1_000


@pytest.fixture
def ledger(place):
    """The books, and a run store whose commits are billed in them."""
    with ExitStack() as stack:
        books = stack.enter_context(open_books(place.settings))
        runs = stack.enter_context(place.runs([LedgerMeter(books).rider_table(place.engine)]))
        yield books, runs


def bill(operation, units=1, metric=CALLS, tenant_id=TENANT, *, namespace_id=12, is_due=False):
    charge = Charge(metric=metric, units=units, operation=operation, is_due=is_due)
    call = attrs.evolve(metered_call(charge, tenant_id=tenant_id), namespace_id=namespace_id)
    return charge_rider(call, tenant_id, charge)


def race(work):
    """Let 32 racers do *work* 50 times, all of a round at once, and return how many were admitted."""
    barrier = threading.Barrier(RACERS, timeout=120)

    def run(racer):
        return sum(work(f"{racer}-{n}", barrier) for n in range(ROUNDS))

    with ThreadPoolExecutor(RACERS) as pool:
        return sum(pool.map(run, range(RACERS)))


def test_of_1600_racing_calls_against_a_limit_of_1000_exactly_1000_are_admitted(ledger):
    books, runs = ledger
    books.set_limit(TENANT, CALLS, Limit(period=Period.TOTAL, units=LIMIT))

    def consume(operation, barrier):
        room = books.standing(TENANT, CALLS, AT_MS).leaves_room_for(1)
        barrier.wait()
        if not room:
            return False
        try:
            runs.record([bill(operation)])
        except RiderRefusedError:
            return False
        return True

    admitted = race(consume)

    assert admitted == LIMIT
    assert books.standing(TENANT, CALLS, AT_MS).used == LIMIT
    assert sum(entry.units for entry in books.entries(TENANT)) == LIMIT


def test_racers_in_a_namespace_stop_at_its_quota_and_the_others_at_that_of_the_tenant(ledger):
    books, runs = ledger
    books.set_limit(TENANT, CALLS, Limit(period=Period.TOTAL, units=700))
    books.set_limit(TENANT, CALLS, Limit(period=Period.DAY, units=400), namespace_id=1)

    def consume(operation, barrier):
        barrier.wait()
        try:
            runs.record([bill(operation, namespace_id=1 + sum(operation.encode()) % 2)])
        except RiderRefusedError:
            return False
        return True

    admitted = race(consume)

    tenant, first = books.standings(TENANT, 1, CALLS, AT_MS)
    _, second = books.standings(TENANT, 2, CALLS, AT_MS)
    assert (admitted, tenant.used, first.used + second.used) == (700, 700, 700)
    assert first.used <= 400


def test_the_race_would_show_a_meter_that_reads_before_it_writes(ledger):
    """Negative control: admission by reading alone lets the racers of the last round past the limit."""
    books, runs = ledger
    books.set_limit(TENANT, CALLS, Limit(period=Period.TOTAL))

    def consume(operation, barrier):
        room = books.standing(TENANT, CALLS, AT_MS).used + 1 <= LIMIT
        barrier.wait()
        if room:
            runs.record([bill(operation)])
        return room

    assert race(consume) > LIMIT


def test_an_operation_that_is_tried_by_many_is_billed_once(ledger):
    books, runs = ledger

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: runs.record([bill(f"operation {n % 10}", units=3)]), range(160)))

    standing = books.standing(TENANT, CALLS, AT_MS)
    assert standing == Standing(used=30, limit=Limit(), resets_at_ms=standing.resets_at_ms)
    assert [(entry.key, entry.units) for entry in books.entries(TENANT)] == [
        (f"{TENANT}/tool_calls/operation {n}", 3) for n in range(10)
    ]


def test_refused_usage_leaves_neither_run_nor_ledger_row_behind(ledger):
    books, runs = ledger
    books.set_limit(TENANT, Metric.RUNS_STARTED, Limit(units=0))
    key = RunKey(TENANT, 1, "run")

    with pytest.raises(RiderRefusedError) as refused:
        runs.create(start_commit(key), [bill("call"), bill("run", metric=Metric.RUNS_STARTED)])

    assert (refused.value.code, refused.value.kind, refused.value.reason) == (
        "rider_refused",
        "usage",
        "quota exceeded: runs_started",
    )
    assert runs.head(key) is None
    assert list(books.entries(TENANT)) == []
    assert books.standing(TENANT, CALLS, AT_MS).used == 0


def test_conflict_is_not_billed(ledger):
    books, runs = ledger
    head = runs.create(start_commit(RunKey(TENANT, 1, "run")))
    runs.append(step_commit(head, "one"), [bill("one")])

    with pytest.raises(Exception, match="is at version 2"):
        runs.append(step_commit(head, "two"), [bill("two")])

    assert [entry.key for entry in books.entries(TENANT)] == [f"{TENANT}/tool_calls/one"]


def test_own_limit_wins_over_that_of_every_tenant_and_others_are_not_touched(ledger):
    books, runs = ledger
    books.set_limit(EVERY_TENANT, CALLS, Limit(units=1))
    books.set_limit(TENANT, CALLS, Limit(period=Period.DAY, units=3))

    runs.record([bill(f"{n}") for n in range(3)])
    runs.record([bill("other", tenant_id=5)])

    for tenant_id in (TENANT, 5):
        with pytest.raises(RiderRefusedError):
            runs.record([bill("more", tenant_id=tenant_id)])
    assert books.standing(TENANT, CALLS, AT_MS).limit == Limit(period=Period.DAY, units=3)
    assert books.standing(5, CALLS, AT_MS).limit == Limit(units=1)


def test_a_namespace_has_its_own_quota_beside_that_of_its_tenant(ledger):
    books, runs = ledger
    books.set_limit(TENANT, CALLS, Limit(units=3))
    books.set_limit(TENANT, CALLS, Limit(period=Period.TOTAL, units=1), namespace_id=7)

    runs.record([bill("one", namespace_id=7)])
    with pytest.raises(RiderRefusedError) as refused:
        runs.record([bill("two", namespace_id=7)])
    runs.record([bill("three", namespace_id=8), bill("four", namespace_id=None)])
    with pytest.raises(RiderRefusedError):
        runs.record([bill("five", namespace_id=8)])

    assert refused.value.reason == "quota exceeded: tool_calls"
    tenant, namespace = books.standings(TENANT, 7, CALLS, AT_MS)
    assert (tenant.used, tenant.limit) == (3, Limit(units=3))
    assert namespace == Standing(used=1, limit=Limit(period=Period.TOTAL, units=1))
    assert [(entry.namespace_id, entry.namespace_period is None) for entry in books.entries(TENANT)] == [
        (None, True),
        (7, False),
        (8, False),
    ]


def test_what_is_due_is_billed_past_any_limit(ledger):
    books, runs = ledger
    books.set_limit(TENANT, CALLS, Limit(period=Period.TOTAL, units=1))
    books.set_limit(TENANT, CALLS, Limit(period=Period.TOTAL, units=1), namespace_id=12)

    runs.record([bill("late", units=3, is_due=True)])
    runs.record([bill("late", units=3, is_due=True)])

    assert [standing.used for standing in books.standings(TENANT, 12, CALLS, AT_MS)] == [3, 3]
    with pytest.raises(RiderRefusedError):
        runs.record([bill("more")])


@pytest.mark.parametrize("change", ["UPDATE {} SET units = 0", "DELETE FROM {}"])
def test_the_ledger_only_grows_whoever_holds_the_database(ledger, place, change):
    _, runs = ledger
    runs.record([bill("one")])

    with pytest.raises((psycopg.Error, sqlite3.Error), match="the usage ledger only grows"):
        execute(place, change.format("usage_ledger"))


@pytest.mark.parametrize(("units", "reference"), [(-1, None), (1, b"key"), (0, b"key")])
def test_the_database_takes_negative_rows_only_with_a_reference(ledger, place, units, reference):
    del ledger
    row = (bytes(8), "tool_calls", b"key", units, "total", b"{}", reference)
    insert = "INSERT INTO usage_ledger (tenant, metric, key, units, period, details, reference) VALUES "

    with pytest.raises((psycopg.errors.CheckViolation, sqlite3.IntegrityError)):
        execute(place, insert + "(?, ?, ?, ?, ?, ?, ?)", row)


def execute(place, statement, parameters=()):
    """Run a statement as somebody who got hold of the database."""
    if place.engine == "sqlite":
        with closing(sqlite3.connect(place.settings.path)) as connection:
            connection.execute(statement, parameters)
    else:
        with psycopg.connect(place.settings.dsn.text) as connection:
            connection.execute("SET search_path TO decision_gate")
            connection.execute(statement.replace("?", "%s"), parameters)


def test_limit_below_what_is_used_refuses_more_and_a_higher_one_admits_again(ledger):
    books, runs = ledger
    runs.record([bill("big", units=10)])

    books.set_limit(TENANT, CALLS, Limit(units=5))
    with pytest.raises(RiderRefusedError):
        runs.record([bill("late")])
    books.set_limit(TENANT, CALLS, Limit(units=11))
    runs.record([bill("late")])

    assert [entry.units for entry in books.entries(TENANT)] == [10, 1]


def test_entries_keep_who_did_what_and_when_whatever_the_text(ledger):
    books, runs = ledger

    runs.record([bill('odd "\x00" ünïcode')])

    (entry,) = books.entries(TENANT)
    assert entry.key == f'{TENANT}/tool_calls/odd "\x00" ünïcode'
    assert details_of(entry.details)["principal_id"] == "token:abc"


@pytest.mark.services
def test_postgres_starts_a_quota_anew_when_its_clock_is_in_another_period(settings):
    with (
        open_run_store(settings),
        open_books(DatabaseSettings(dsn=settings.dsn)) as books,
        psycopg.connect(settings.conninfo()) as connection,
    ):
        books.set_limit(TENANT, CALLS, Limit(period=Period.DAY, units=1))
        statement = "SELECT decision_gate.rider_usage(%s::bytea[], %s::bytea[])"
        one, two = bill("one"), bill("two")
        connection.execute(statement, ([one.key.encode()], [one.body]))
        connection.execute("UPDATE decision_gate.usage_counters SET period = '2020-01-01'")
        connection.execute(statement, ([two.key.encode()], [two.body]))
        used = connection.execute("SELECT used FROM decision_gate.usage_counters ORDER BY period").fetchall()

    assert used == [(1,), (1,)]
