"""What a charge costs does not grow with the ledger: counted at 1,000 and at 1,000,000 rows, not timed."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from decision_gate.enterprise.stores.postgres import open_run_store
from decision_gate.enterprise.usage import PostgresLedgerTable, SqliteLedgerTable
from decision_gate.enterprise.usage.charge_body import charge_rider
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.testing.usage_meters import metered_call

FEW, MANY = 1_000, 1_000_000
A_LEVEL_OR_TWO = 8
"""Pages that deeper trees and their maps may add; the ledger has a thousand times the rows."""


def bill(operation):
    charge = Charge(metric=Metric.TOOL_CALLS, units=1, operation=operation)
    return charge_rider(metered_call(charge), 7, charge)


def test_sqlite_runs_the_same_instructions_for_a_charge_however_long_the_ledger(tmp_path):
    table = SqliteLedgerTable()
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for migration in table.migrations:
            for statement in migration:
                connection.execute(statement)
        table.apply(connection, bill("the first"))

        def instructions(operation):
            count = 0

            def step():
                nonlocal count
                count += 1

            connection.set_progress_handler(step, 1)
            table.apply(connection, bill(operation))
            connection.set_progress_handler(None, 1)
            return count

        def fill(first, last):
            connection.execute(
                "INSERT INTO usage_ledger (tenant, metric, key, units, period, details) "
                "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                "SELECT ?, 'tool_calls', CAST(printf('7/tool_calls/%08d', i) AS BLOB), 1, 'total', x'7b7d' FROM n",
                (first, last, bytes(7) + b"\x07"),
            )

        fill(1, FEW)
        few = (instructions("new"), instructions("new"))
        fill(FEW + 1, MANY)
        many = (instructions("newer"), instructions("newer"))

    assert few == many
    assert few[1] < few[0]


@pytest.mark.services
def test_postgres_touches_as_many_pages_for_a_charge_however_long_the_ledger(place_of_postgres):
    with psycopg.connect(place_of_postgres, autocommit=True) as connection:

        def pages(operation):
            rider = bill(operation)
            statement = (
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT decision_gate.rider_usage(%s::bytea[], %s::bytea[])"
            )
            ((told,),) = connection.execute(statement, ([rider.key.encode()], [rider.body])).fetchall()
            plan = told[0]["Plan"]
            return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]

        def fill(first, last):
            connection.execute(
                "INSERT INTO decision_gate.usage_ledger (tenant, metric, key, units, period, details) "
                "SELECT %s, 'tool_calls', convert_to(lpad(i::text, 8, '0'), 'UTF8'), 1, 'total', ''::bytea "
                "FROM generate_series(%s::int, %s::int) AS i",
                (bytes(7) + b"\x07", first, last),
            )
            connection.execute("VACUUM ANALYZE decision_gate.usage_ledger")

        for operation in ("plans", "are", "kept"):
            pages(operation)
        fill(1, FEW)
        few = min(pages(f"few {number}") for number in range(5))
        fill(FEW + 1, MANY)
        many = min(pages(f"many {number}") for number in range(5))

    assert many <= few + A_LEVEL_OR_TWO


@pytest.fixture
def place_of_postgres(settings):
    """Connection string of an empty database with a ledger."""
    with open_run_store(settings, [PostgresLedgerTable()]):
        return settings.conninfo()
