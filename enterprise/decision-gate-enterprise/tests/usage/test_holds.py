"""Room that is reserved, settled, released, or forgotten by who died: never past the quota, and none of it leaks."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.ports import RiderRefusedError
from decision_gate.enterprise.usage import Limit, Period, reconcile
from decision_gate.enterprise.usage.charge_body import Mode, usage_rider
from decision_gate.enterprise.usage.meter import LedgerMeter
from decision_gate.enterprise.usage.sqlite_ledger import SqliteLedgerTable
from decision_gate.mcp.hooks.usage_meter import LEASE_MS, Charge, Metric
from decision_gate.mcp.testing.usage_meters import metered_call

TENANT, NAMESPACE = 7, 12
BYTES = Metric.STORAGE_BYTES
AT_MS = metered_call().at_ms
RACERS = 16


def rider(mode, units=1, *, operation="pack", caller="one", at_ms=AT_MS):
    charge = Charge(metric=BYTES, units=units, operation=operation)
    call = attrs.evolve(metered_call(charge, tenant_id=TENANT), server_correlation_id=caller, at_ms=at_ms)
    return usage_rider(mode, call, TENANT, charge)


def used(accounts):
    return [standing.used for standing in accounts.books.standings(TENANT, NAMESPACE, BYTES, AT_MS)]


def billed(accounts):
    return [(entry.key, entry.units) for entry in accounts.books.entries(TENANT)]


def limit(accounts, units):
    accounts.books.set_limit(TENANT, BYTES, Limit(period=Period.TOTAL, units=units))
    accounts.books.set_limit(TENANT, BYTES, Limit(period=Period.TOTAL), namespace_id=NAMESPACE)


def expire(accounts):
    """Let the lease of every reservation be over."""
    accounts.execute("UPDATE usage_reservations SET ends_at = ?", (AT_MS,))


def test_room_is_held_until_it_is_settled_to_the_actual_size(accounts):
    limit(accounts, 100)

    accounts.runs.record([rider(Mode.RESERVE, 100)])
    assert (used(accounts), billed(accounts)) == ([100, 100], [])
    with pytest.raises(RiderRefusedError) as refused:
        accounts.runs.record([rider(Mode.RESERVE, 1, operation="other", caller="two")])
    accounts.runs.record([rider(Mode.SETTLE, 90)])

    assert refused.value.subject == "storage_bytes"
    assert (used(accounts), billed(accounts)) == ([90, 90], [(f"{TENANT}/storage_bytes/pack", 90)])
    assert reconcile(accounts.database).counters == ()


def test_what_was_written_is_billed_even_when_it_is_larger_than_its_room(accounts):
    limit(accounts, 100)
    accounts.runs.record([rider(Mode.RESERVE, 100)])

    accounts.runs.record([rider(Mode.SETTLE, 120)])

    assert used(accounts) == [120, 120]


def test_a_reservation_ends_with_the_bill_of_its_call_whatever_that_is_called_in_the_end(accounts):
    accounts.runs.record([rider(Mode.RESERVE, 100, operation="as measured")])

    accounts.runs.record([rider(Mode.SETTLE, 90, operation="as written")])

    assert (used(accounts), billed(accounts)) == ([90, 90], [(f"{TENANT}/storage_bytes/as written", 90)])


def test_released_room_is_free_again_and_only_once(accounts):
    limit(accounts, 10)
    accounts.runs.record([rider(Mode.RESERVE, 10)])

    accounts.runs.record([rider(Mode.RELEASE, 10)])
    accounts.runs.record([rider(Mode.RELEASE, 10)])
    accounts.runs.record([rider(Mode.RESERVE, 10, caller="two")])
    accounts.runs.record([rider(Mode.RELEASE, 10, caller="stranger")])
    accounts.runs.record([rider(Mode.SETTLE, 10, caller="two")])
    accounts.runs.record([rider(Mode.RELEASE, 10, caller="two")])

    assert (used(accounts), len(billed(accounts))) == ([10, 10], 1)


def test_two_that_write_the_same_thing_each_hold_room_and_it_is_billed_once(accounts):
    for caller in ("one", "two"):
        accounts.runs.record([rider(Mode.RESERVE, 10, caller=caller)])
    assert used(accounts) == [20, 20]

    for caller in ("one", "two"):
        accounts.runs.record([rider(Mode.SETTLE, 10, caller=caller)])
    accounts.runs.record([rider(Mode.RESERVE, 10, caller="three")])

    assert (used(accounts), len(billed(accounts))) == ([10, 10], 1)


def race(writer):
    """Let all racers look first, then write at once; return how many could."""
    barrier = threading.Barrier(RACERS, timeout=60)
    with ThreadPoolExecutor(RACERS) as pool:
        return sum(pool.map(lambda racer: writer(f"racer {racer}", barrier), range(RACERS)))


def admits(accounts, units):
    charge = Charge(metric=BYTES, units=units, operation="any")
    call = metered_call(charge, tenant_id=TENANT)
    return LedgerMeter(accounts.books).admit(call, charge).allowed


def test_of_racing_writers_as_many_write_as_there_is_room_for(accounts):
    limit(accounts, 50)

    def write(caller, barrier):
        assert admits(accounts, 10)
        barrier.wait()
        try:
            accounts.runs.record([rider(Mode.RESERVE, 10, operation=caller, caller=caller)])
        except RiderRefusedError:
            return False
        accounts.runs.record([rider(Mode.SETTLE, 9, operation=caller, caller=caller)])
        return True

    written = race(write)

    assert (written, used(accounts)) == (5, [45, 45])
    assert reconcile(accounts.database).counters == ()


def test_without_reservations_every_racer_would_write(accounts):
    """Negative control: who asks, writes and bills afterwards finds nothing used when all ask before the first bill."""
    limit(accounts, 50)

    def write(caller, barrier):
        is_admitted = admits(accounts, 10)
        barrier.wait()
        if is_admitted:
            accounts.runs.record([rider(Mode.BILL_DUE, 10, operation=caller, caller=caller)])
        return is_admitted

    assert race(write) == RACERS
    assert used(accounts) == [10 * RACERS, 10 * RACERS]


def test_room_of_a_dead_process_is_given_to_the_next_who_needs_it(accounts):
    limit(accounts, 10)
    accounts.runs.record([rider(Mode.RESERVE, 10, caller="dead")])
    assert not admits(accounts, 1)

    expire(accounts)

    assert admits(accounts, 1)
    accounts.runs.record([rider(Mode.BILL, 10, operation="next", caller="next")])
    assert used(accounts) == [10, 10]
    # It was not dead after all: what it wrote is billed.
    accounts.runs.record([rider(Mode.SETTLE, 10, caller="dead")])
    assert used(accounts) == [20, 20]
    assert reconcile(accounts.database).counters == ()


def test_a_reservation_lasts_as_long_as_its_lease(accounts):
    accounts.runs.record([rider(Mode.RESERVE, 10)])
    books = accounts.books
    if accounts.place.engine == "sqlite":
        assert not books.has_expired_holds(TENANT, BYTES, AT_MS + LEASE_MS - 1)
        assert books.has_expired_holds(TENANT, BYTES, AT_MS + LEASE_MS)
    else:
        lasts = "SELECT ends_at - usage_now_ms() FROM usage_reservations"
        ((left,),) = accounts.execute(lasts)
        assert LEASE_MS - 60_000 < left <= LEASE_MS


class Dying:
    """A connection whose process dies at its nth statement."""

    def __init__(self, connection, lives):
        self.real = connection
        self.lives = lives

    def execute(self, *arguments):
        if self.lives == 0:
            raise KeyboardInterrupt
        self.lives -= 1
        return self.real.execute(*arguments)


LIFE = [
    rider(Mode.RESERVE, 10),
    rider(Mode.SETTLE, 9),
    rider(Mode.RESERVE, 5, operation="two", caller="two"),
    rider(Mode.RELEASE, 5, operation="two", caller="two"),
    rider(Mode.RESERVE, 20, operation="three", caller="three", at_ms=AT_MS + LEASE_MS),
]
_BALANCE = """
    SELECT
        (SELECT coalesce(sum(units), 0) FROM usage_ledger) + (SELECT coalesce(sum(units), 0) FROM usage_reservations),
        (SELECT coalesce(sum(used), 0) FROM usage_counters),
        (SELECT coalesce(sum(used), 0) FROM usage_namespace_counters)
"""


def opened_ledger():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for migration in SqliteLedgerTable().migrations:
        for statement in migration:
            connection.execute(statement)
    return connection


def apply(connection, riders):
    """Apply riders one a transaction, as a server does; a dying one leaves what was committed."""
    for each in riders:
        connection.execute("BEGIN")
        try:
            SqliteLedgerTable().apply(connection, each)
        except BaseException:
            connection.real.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def test_killed_at_every_statement_nothing_leaks_and_the_lease_gives_the_room_back():
    deaths, is_dead = 0, True
    while is_dead:
        with closing(opened_ledger()) as connection:
            try:
                apply(Dying(connection, deaths), LIFE)
                is_dead = False
            except KeyboardInterrupt:
                deaths += 1

            kept, *counted = connection.execute(_BALANCE).fetchone()
            assert counted == [kept, kept]

            connection.execute("INSERT INTO usage_limits VALUES (?, 'storage_bytes', 'total', 1000)", (bytes(8),))
            late = AT_MS + 2 * LEASE_MS
            connection.execute("UPDATE usage_counters SET period = 'total'")
            connection.execute("UPDATE usage_reservations SET period = 'total'")
            (before,) = connection.execute("SELECT coalesce(sum(units), 0) FROM usage_ledger").fetchone()
            SqliteLedgerTable().apply(connection, rider(Mode.BILL, 1000 - before, operation="rest", at_ms=late))
            (held,) = connection.execute("SELECT count(*) FROM usage_reservations").fetchone()
            assert connection.execute("SELECT sum(used) FROM usage_counters").fetchone() == (1000,)
            assert held == 0
    assert deaths > len(LIFE) * 3


MOVES = st.tuples(
    st.sampled_from(Mode), st.integers(0, 40), st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 3)
)


@given(st.lists(MOVES, max_size=25))
def test_counters_are_the_ledger_and_the_reservations_whatever_happens_in_which_order(moves):
    with closing(opened_ledger()) as connection:
        connection.execute("INSERT INTO usage_limits VALUES (?, 'storage_bytes', 'total', 60)", (bytes(8),))
        for mode, units, operation, caller, hours in moves:
            made = rider(mode, units, operation=operation, caller=caller, at_ms=AT_MS + hours * 3_600_000)
            connection.execute("BEGIN")
            try:
                SqliteLedgerTable().apply(connection, made)
                connection.execute("COMMIT")
            except RiderRefusedError:
                connection.execute("ROLLBACK")

            kept, *counted = connection.execute(_BALANCE).fetchone()
            assert counted == [kept, kept]
