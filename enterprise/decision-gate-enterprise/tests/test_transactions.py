"""Changes of the directory: whole or not at all, and one after the other."""

import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from decision_gate.core.ports import Rider, RiderRefusedError, StoreUnavailableError
from decision_gate.enterprise.tenancy import Org, State, places, tenancy_tables
from decision_gate.enterprise.transactions import ReadOnly, open_transactions
from decision_gate.mcp.hooks.audit_sink import NoSink

ORG = Org(org_id=2**53 - 1, name="ac'me ü", state=State.ACTIVE, created_at=0, changed_at=0)
READ = "SELECT changed_at FROM decision_gate.orgs"
WRITE = "UPDATE decision_gate.orgs SET changed_at = ?"


class StopError(Exception):
    """Work that changes its mind."""


@pytest.fixture
def database(place):
    with open_transactions(place.settings, [tenancy_tables()]) as opened:
        yield opened


@pytest.fixture
def org(database):
    assert database.run(NoSink(), lambda transaction: places.add_org(transaction, ORG))
    return ORG


def test_what_is_written_is_read_as_it_was(database, org):
    assert places.find_org(database, org.org_id) == org
    assert places.find_org_named(database, org.name) == org


def test_taken_name_and_taken_number_are_refused_without_an_error(database, org):
    same_number = attrs.evolve(org, name="other")
    same_name = attrs.evolve(org, org_id=5)

    assert [
        database.run(NoSink(), lambda transaction, record=record: places.add_org(transaction, record))
        for record in (same_number, same_name)
    ] == [False, False]


def test_work_that_raises_leaves_nothing(database, org):
    def work(transaction):
        transaction.write(WRITE, 7)
        assert transaction.rows(READ) == [(7,)]
        raise StopError

    with pytest.raises(StopError):
        database.run(NoSink(), work)

    assert database.rows(READ) == [(0,)]
    assert org.changed_at == 0


def test_reading_work_cannot_write(database):
    reading = ReadOnly(database)

    with pytest.raises(StoreUnavailableError):
        reading.write(WRITE, 7)
    with pytest.raises(StoreUnavailableError):
        reading.ride([Rider(kind="audit", key="k", body=b"")])
    assert reading.rows(READ) == []


def test_nothing_rides_on_the_tables_of_the_directory():
    _, tables = tenancy_tables()

    with pytest.raises(RiderRefusedError):
        tables.apply(None, Rider(kind="tenancy", key="k", body=b""))


def test_racers_that_read_and_write_in_one_transaction_lose_nothing(database, org):
    def increment(_):
        def work(transaction):
            ((found,),) = transaction.rows(READ)
            transaction.write(WRITE, found + 1)

        database.run(NoSink(), work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(40)))

    assert database.rows(READ) == [(40,)]
    assert org.changed_at == 0


def test_control_of_the_race_loses_what_is_read_outside_of_the_transaction(database, org):
    """The same racers without the transaction: all read before the first writes, so one increment is left."""
    everybody = threading.Barrier(8)

    def increment(_):
        ((found,),) = database.rows(READ)
        everybody.wait(30)
        database.note(WRITE, found + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(8)))

    assert database.rows(READ) == [(1,)]
    assert org.changed_at == 0
