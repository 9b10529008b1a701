"""What a commit to PostgreSQL costs, in units of one plain INSERT of the same bytes with the same durability.

The peer writes the bodies of the commit as one row of one table, on a connection of its own: no compare-and-swap, no
records that can be found, no bill, no audit.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count

import attrs
import psycopg

from benching import AtMost, Goal, Outcome, Result, Unit, alternate
from benching.engines import recorded
from decision_gate.core.ports import Commit, Rider
from decision_gate.enterprise.audit import EventClass, PostgresOutboxTable, Sealer, Told, leaf_rider
from decision_gate.enterprise.stores.postgres import PostgresSettings, open_run_store
from decision_gate.enterprise.testing.postgres import PostgresServer, running_postgres
from decision_gate.enterprise.usage import PostgresLedgerTable
from decision_gate.enterprise.usage.charge_body import charge_rider
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.usage_meter import Charge, MeteredCall, Metric

CALLS = 20
ROUNDS = 15
SEALER = Sealer(b"secret")
TOLD = Told(event="run_commit", event_class=EventClass.DECISION, tenant_id=1, at_ms=0)


def bench_append() -> Iterator[Outcome]:
    with running_postgres() as server:
        yield _against_insert(server, "commit: one step of ten conditions", AtMost(2.5), riding=False)
        yield _against_insert(server, "commit: the same, billed twice and audited", AtMost(4), riding=True)


def _against_insert(server: PostgresServer, case: str, goal: Goal, *, riding: bool) -> Result:
    with ExitStack() as stack:
        dsn = server.create_database()
        tables = [PostgresLedgerTable(), PostgresOutboxTable()]
        store = stack.enter_context(open_run_store(PostgresSettings(dsn=LiteralSecret(text=dsn)), tables))
        plain = stack.enter_context(psycopg.connect(dsn, autocommit=True, prepare_threshold=None))
        plain.execute("CREATE TABLE plain (n bigint PRIMARY KEY, body bytea NOT NULL)")
        start, *steps = recorded(10, 2 * CALLS * ROUNDS)
        store.create(start)
        bodies = [b"".join(record.body for record in step.records) for step in steps]
        numbers = count()

        def ours() -> None:
            step = steps.pop(0)
            store.append(step, _riders(step) if riding else ())

        def insert() -> None:
            n = next(numbers)
            plain.execute("INSERT INTO plain VALUES (%s, %b)", (n, bodies[n]))

        pair = alternate(ours, insert, rounds=ROUNDS, calls=CALLS, clock=time.perf_counter_ns)
    return Result(case=case, unit=Unit.NANOSECONDS, peer="plain INSERT", goal=goal, **attrs.asdict(pair))


def _riders(step: Commit) -> tuple[Rider, ...]:
    """Return two charges and a leaf, as the server makes them for a step."""
    call = MeteredCall(
        principal=Principal(id="token:abc", method="bearer_token"),
        tool="scenario_next",
        tenant_id=1,
        namespace_id=2,
        server_correlation_id="dg-0000000000000000-0000000000000001",
        at_ms=0,
        charges=(),
    )
    charges = (
        Charge(metric=metric, units=1, operation=step.head.digest)
        for metric in (Metric.TOOL_CALLS, Metric.EVIDENCE_QUERIES)
    )
    return (
        *(charge_rider(call, 1, charge) for charge in charges),
        leaf_rider(SEALER.seal(TOLD, step.head.digest.encode() * 10)),
    )
