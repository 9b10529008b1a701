"""What the audit log costs: the step whose event it is, the auditor who verifies it, whoever wants one proof.

Verification takes all processors and is timed by the clock on the wall, beside one SHA-256, which takes one.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benching import AtMost, Below, Goal, Outcome, Result, Unit, alternate, scratch
from benching.engines import Driven, DrivenRun, recorded
from benching.policies import held, policy
from decision_gate.core.control_plane import Work
from decision_gate.core.ports import Commit, Rider, RunStore
from decision_gate.core.testing.world import World
from decision_gate.enterprise.audit import (
    AuditStore,
    HashChainSink,
    LogKeys,
    PostgresAuditStore,
    PostgresOutboxTable,
    Sealer,
    Sequencer,
    SqliteAuditStore,
    SqliteOutboxTable,
    export_events,
    prove,
    tenant_log,
    verify_events,
)
from decision_gate.enterprise.audit.store import LogGrowth, NewLeaf, Placement
from decision_gate.enterprise.audit.tlog import Checkpoint, grow, leaf_hash, sign_checkpoint
from decision_gate.enterprise.stores.postgres import PostgresSettings, open_run_store, open_session
from decision_gate.enterprise.testing.postgres import running_postgres
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database
from decision_gate.mcp.turns import RunTurns

CALLS = 20
ROUNDS = 21
TENANT = 1
LOG = tenant_log(TENANT)
KEYS = LogKeys(deployment="audit.example.org", keys=(Ed25519PrivateKey.generate(),))
SINK = HashChainSink(NoSink(), Sealer(os.urandom(32)))
VERIFIED = 100_000
MILLION = 1_000_000
BATCH = 50_000


def bench_append_sqlite() -> Iterator[Outcome]:
    with scratch() as folder, ExitStack() as stack:

        def opened(name: str, *tables: Any) -> SqliteRunStore:
            settings = SqliteSettings(path=folder / name)
            database = stack.enter_context(open_database(settings, rider_tables=tables, now_ms=lambda: 0))
            return SqliteRunStore(database)

        audited, plain = opened("audited.db", SqliteOutboxTable()), opened("plain.db")
        yield _step(audited, plain)
        yield _append("sqlite", audited, plain, None)


def bench_append_postgres() -> Iterator[Outcome]:
    with running_postgres() as server, ExitStack() as stack:

        def opened(*tables: Any) -> RunStore:
            settings = PostgresSettings(dsn=LiteralSecret(text=server.create_database()))
            return stack.enter_context(open_run_store(settings, tables))

        yield _append("postgres", opened(PostgresOutboxTable()), opened(), AtMost(1.2))


def bench_sequencing() -> Iterator[Outcome]:
    """The sequencer's work for one event, beside the requests, in units of a step's durable commit."""
    with scratch() as folder:
        settings = SqliteSettings(path=folder / "runs.db")
        with open_database(settings, rider_tables=[SqliteOutboxTable()], now_ms=lambda: 0) as database:
            yield _sequencing("sqlite", SqliteRunStore(database), SqliteAuditStore(database))
    with running_postgres() as server:
        settings = PostgresSettings(dsn=LiteralSecret(text=server.create_database()))
        with open_run_store(settings, [PostgresOutboxTable()]) as runs, open_session(settings) as session:
            yield _sequencing("postgres", runs, PostgresAuditStore(session))


def bench_verify() -> Iterator[Outcome]:
    with scratch() as folder:
        settings = SqliteSettings(path=folder / "runs.db")
        with open_database(settings, rider_tables=[SqliteOutboxTable()], now_ms=lambda: 0) as database:
            store = SqliteAuditStore(database)
            _fill(SqliteRunStore(database), VERIFIED)
            Sequencer(store, KEYS).run()
            export_events(store, LOG, folder / "export")
        yield _verify(folder / "export")


def bench_prove() -> Iterator[Outcome]:
    with scratch() as folder:
        settings = SqliteSettings(path=folder / "log.db")
        with open_database(settings, rider_tables=[SqliteOutboxTable()], now_ms=lambda: 0) as database:
            store = SqliteAuditStore(database)
            _grow_to_a_million(store)

            def proved() -> None:
                prove(store, LOG, 4_711)

            proof = prove(store, LOG, 4_711)

            def verified() -> None:
                proof.verify(KEYS.names.verifiers(LOG))

            pair = alternate(proved, verified)
    yield Result(
        case="audit proof: one leaf of 1,000,000, made from the database",
        unit=Unit.NANOSECONDS,
        peer="the same proof verified",
        goal=Below(5_000_000, "5 ms"),
        n=MILLION,
        **attrs.asdict(pair),
    )


def _step(audited: RunStore, plain: RunStore) -> Result:
    """The whole step, evidence in hand: what a caller waits for."""

    def driven(store: RunStore) -> DrivenRun:
        world = World.of(policy(10), runs=store, turn=RunTurns())
        world.facts.answers.update(held(10))
        return Driven(world=world).run("driven")

    ours, theirs = driven(audited), driven(plain)

    def leaves(work: Work) -> tuple[Rider, ...]:
        return SINK.riders(_event(work.commit))

    return _result(
        "audit append: one whole step of ten conditions, sqlite", lambda: ours.step(leaves),
        "the same step, unaudited", theirs, AtMost(1.2), rounds=ROUNDS, calls=CALLS, clock=time.perf_counter_ns,
    )  # fmt: skip


def _append(engine: str, audited: RunStore, plain: RunStore, goal: Goal | None) -> Result:
    start, *steps = recorded(10, CALLS * ROUNDS)
    for store in (audited, plain):
        store.create(start)
    ours, theirs = iter(steps), iter(steps)

    def append_audited() -> None:
        step = next(ours)
        audited.append(step, SINK.riders(_event(step)))

    def append_plain() -> None:
        plain.append(next(theirs))

    return _result(
        f"audit append: the commit alone, {engine}", append_audited, "the same commit, unaudited",
        append_plain, goal, rounds=ROUNDS, calls=CALLS, clock=time.perf_counter_ns,
    )  # fmt: skip


def _sequencing(engine: str, runs: RunStore, store: AuditStore) -> Result:
    start, *steps = recorded(10, CALLS * ROUNDS)
    runs.create(start)
    waiting = 200
    sequencer = Sequencer(store, KEYS)
    taken, appended = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter_ns()
        for step in (steps.pop(0) for _ in range(CALLS)):
            runs.append(step, SINK.riders(_event(step)))
        appended.append((time.perf_counter_ns() - began) / CALLS)
        _fill(runs, waiting)
        began = time.perf_counter_ns()
        count = sequencer.run()
        taken.append((time.perf_counter_ns() - began) / count)
    middle = ROUNDS // 2
    ours, peers = sorted(taken)[middle], sorted(appended)[middle]
    return Result(
        case=f"audit sequencing: one event of {waiting + CALLS} at once, {engine}",
        unit=Unit.NANOSECONDS,
        ours=ours,
        peer="the step it tells of",
        peers=peers,
        ratio=sorted(mine / theirs for mine, theirs in zip(taken, appended, strict=True))[middle],
        rounds=ROUNDS,
        goal=None,
    )


def _verify(export: Path) -> Result:
    events = export / "events.jsonl"

    def ours() -> None:
        report = verify_events(export, KEYS.names.verifiers(LOG))
        assert report.is_sound, report.findings

    def one_hash() -> None:
        with events.open("rb") as file:
            hashlib.file_digest(file, "sha256")

    size = events.stat().st_size
    return _result(
        f"audit verify: an export of {VERIFIED:,} events, {size / VERIFIED:.0f} bytes each", ours,
        "one SHA-256 over the same file", one_hash, AtMost(3), calls=1, clock=time.perf_counter_ns,
    )  # fmt: skip


def _result(
    case: str,
    ours: Callable[[], None],
    peer: str,
    peers: Callable[[], None],
    goal: Goal,
    **how: Any,
) -> Result:
    pair = alternate(ours, peers, **how)
    return Result(case=case, unit=Unit.NANOSECONDS, peer=peer, goal=goal, **attrs.asdict(pair))


def _event(step: Commit, trigger: str = "trigger") -> AuditEvent:
    """Return the event of a step as the server tells it."""
    head = step.head
    return AuditEvent(
        event="run_commit",
        members={
            "timestamp_ms": 1_760_000_000_000,
            "request_id": "17",
            "unsafe_client_correlation_id": None,
            "server_correlation_id": "dg-0123456789abcdef-0000000000000001",
            "tool": "scenario_next",
            "principal_id": "token:0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "tenant_id": str(TENANT),
            "namespace_id": str(head.key.namespace_id),
            "run_id": head.key.run_id,
            "scenario_id": head.scenario_id,
            "spec_hash": head.spec_hash,
            "version": head.version,
            "digest": head.digest,
            "status": head.status.value,
            "decisions": head.counts.decisions,
            "agent_id": "release-agent",
            "source_id": "ci",
            "trigger_id": trigger,
            "trigger_kind": "external_event",
        },
    )


_filled = iter(range(10**9))


def _fill(runs: RunStore, count: int) -> None:
    """Put events into the outbox, many at once."""
    step = recorded(1, 1)[-1]
    riders = [rider for _ in range(count) for rider in SINK.riders(_event(step, f"trigger-{next(_filled)}"))]
    for at in range(0, count, 500):
        runs.record(riders[at : at + 500])


def _grow_to_a_million(store: AuditStore) -> None:
    """Make the tree of a million leaves, of whose entries only the first batch is there."""
    for size in range(0, MILLION, BATCH):
        entries = [b'{"body":"%064d"}' % number for number in range(size, size + BATCH)]
        growth = grow(size, [leaf_hash(entry) for entry in entries], lambda level, n: store.tile(LOG, level, n))
        note = sign_checkpoint(
            Checkpoint(origin=KEYS.names.origin(LOG), size=growth.size, root=growth.root), KEYS.signers(LOG)
        )
        leaves = tuple(NewLeaf(entry=entry) for entry in entries) if size == 0 else ()
        grown = LogGrowth(log=LOG, before=size, leaves=leaves, growth=growth, note=note)
        store.place(Placement(growths=(grown,), taken=()))
