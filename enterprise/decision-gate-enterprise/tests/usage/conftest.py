"""A ledger of each engine with its books, its accounts, a run store that is billed, and a real audit."""

import secrets
import sqlite3
from contextlib import ExitStack, closing, contextmanager

import attrs
import psycopg
import pytest

from decision_gate.enterprise.audit import HashChainSink, Sealer
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.usage import LedgerMeter, open_accounts, open_books
from decision_gate.enterprise.usage.charge_body import charge_rider
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.hooks.verdict import Verdict
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.calls import TIME_PROVIDER
from decision_gate.mcp.testing.usage_meters import metered_call

TENANT = 2**64 - 1


class KeepingSink(HashChainSink):
    """The audit sink of a deployment, which also keeps what it is told."""

    def __init__(self):
        super().__init__(NoSink(), Sealer(secrets.token_bytes(32)))
        self.events = []

    def record(self, events):
        self.events += events


@attrs.frozen(kw_only=True)
class Accounts:
    """A ledger, from all sides."""

    place: object
    books: object
    runs: object
    database: object
    sink: KeepingSink

    def bill(self, operation, units=1, metric=Metric.TOOL_CALLS, *, tenant_id=TENANT, namespace_id=12):
        """Bill an operation and return its key."""
        charge = Charge(metric=metric, units=units, operation=operation)
        call = attrs.evolve(metered_call(charge, tenant_id=tenant_id), namespace_id=namespace_id)
        rider = charge_rider(call, tenant_id, charge)
        self.runs.record([rider])
        return rider.key

    def execute(self, statement, parameters=()):
        """Run a statement as somebody who got hold of the database."""
        if self.place.engine == "sqlite":
            with closing(sqlite3.connect(self.place.settings.path)) as connection, connection:
                return connection.execute(statement, parameters).fetchall()
        with psycopg.connect(self.place.settings.dsn.text) as connection:
            connection.execute("SET search_path TO decision_gate")
            cursor = connection.execute(statement.replace("?", "%s"), parameters)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def accounts(place):
    sink = KeepingSink()
    with ExitStack() as stack:
        database = stack.enter_context(open_accounts(place.settings, sink))
        books = stack.enter_context(open_books(place.settings))
        meter = LedgerMeter(books)
        tables = [meter.rider_table(place.engine), sink.rider_table(place.engine)]
        runs = stack.enter_context(place.runs(tables))
        yield Accounts(place=place, books=books, runs=runs, database=database, sink=sink)


class Doorkeeper:
    """Recognises one local caller of tenant 7, and lets it in or not."""

    def __init__(self):
        self.is_open = True

    def authenticate(self, request):
        del request
        return Principal(id="loopback", method="local", billing_tenant=7)

    def authorize(self, principal, tool, tenant_id, namespace_id):
        del principal, tool, tenant_id, namespace_id
        return Verdict(allowed=self.is_open, reason="doorkeeper")


@attrs.frozen(kw_only=True)
class BilledServer:
    """A server on a file that stores everything and bills it, its books, and who lets callers in."""

    server: object
    books: object
    doorkeeper: Doorkeeper
    packs: object
    file: object


@pytest.fixture
def billed_server(tmp_path):
    """Return what opens a server that bills."""

    @contextmanager
    def opened():
        file, packs, doorkeeper = tmp_path / "runs.db", tmp_path / "packs", Doorkeeper()
        toml = f"""{TIME_PROVIDER}
            [run_state_store]
            type = "sqlite"
            path = "{file}"
            [schema_registry]
            type = "sqlite"
            path = "{file}"
            [schema_registry.acl]
            allow_local_only = true
            [runpacks]
            roots = ["{packs}"]
        """
        with open_books(DatabaseSettings(path=str(file))) as books:
            seams = Seams(usage_meter=LedgerMeter(books), authenticator=doorkeeper, tenant_authorizer=doorkeeper)
            with open_test_server(toml, seams) as server:
                yield BilledServer(server=server, books=books, doorkeeper=doorkeeper, packs=packs, file=file)

    return opened
