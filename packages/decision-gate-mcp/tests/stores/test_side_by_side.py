"""All run stores, driven by the same random calls, answer alike.

A backend joins by a factory in ``BACKENDS``: a context manager that yields a fresh ``StoreBench``.
"""

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.memory import MemoryRiders, MemoryRunStore
from decision_gate.core.model import RunStatus
from decision_gate.core.ports import ConflictError, Log, RecordRef, Rider, RunKey, RunQuery
from decision_gate.core.testing import ManualClock, MemoryNotes, StoreBench, note, refused_note
from decision_gate.core.testing.runs import poll_commit, start_commit, step_commit, submit_commit
from decision_gate.mcp.stores.sqlite import SqliteRunStore


@contextmanager
def memory_bench():
    clock, notes = ManualClock(), MemoryNotes()
    store = MemoryRunStore(MemoryRiders([notes]), now_ms=clock)
    yield StoreBench(store=store, notes=notes.applied, reopen=lambda: store, clock=clock)


@contextmanager
def sqlite_bench(database_bench):
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = database_bench(Path(folder) / "gate.db", stack)
        yield StoreBench(
            store=SqliteRunStore(file.open(sync_mode="normal")),
            notes=file.notes,
            reopen=lambda: SqliteRunStore(file.open(sync_mode="normal")),
            clock=file.clock,
        )


BACKENDS = [lambda _: memory_bench(), sqlite_bench]

KEYS = [
    RunKey(tenant, namespace, run_id) for tenant in (1, 2**64 - 1) for namespace in (1, 256) for run_id in ("a", "é/b")
]
IDS = ["t", "T", "org/1", "🚦"]
RIDERS = st.lists(
    st.one_of(
        st.builds(note, st.sampled_from("abcdef"), st.binary(max_size=4)),
        st.just(refused_note()),
        st.just(Rider(kind="unheard-of", key="x", body=b"")),
    ),
    max_size=3,
)


class SideBySide(RuleBasedStateMachine):
    """Calls every backend and compares what each returned or raised."""

    heads = Bundle("heads")

    def __init__(self, database_bench):
        super().__init__()
        self.stack = ExitStack()
        self.database_bench = database_bench

    @initialize()
    def open(self):
        self.benches = [self.stack.enter_context(backend(self.database_bench)) for backend in BACKENDS]
        self.stores = [bench.store for bench in self.benches]

    def teardown(self):
        self.stack.close()

    def agreed(self, call):
        """Return the outcome that all stores agree on."""
        outcomes = [outcome(call, store) for store in self.stores]
        assert all(other == outcomes[0] for other in outcomes[1:]), outcomes
        return outcomes[0]

    @rule(target=heads, key=st.sampled_from(KEYS), scenario_id=st.sampled_from(["s", "org/s"]), riders=RIDERS)
    def create(self, key, scenario_id, riders):
        commit = start_commit(key, scenario_id=scenario_id)
        return self.written(lambda store: store.create(commit, riders))

    @rule(
        target=heads,
        head=heads,
        trigger_id=st.sampled_from(IDS),
        gates=st.integers(0, 2),
        packets=st.integers(0, 2),
        status=st.sampled_from(RunStatus),
        riders=RIDERS,
    )
    def decide(self, head, trigger_id, gates, packets, status, riders):
        commit = step_commit(head, trigger_id, gates=gates, packets=packets, status=status)
        return self.written(lambda store: store.append(commit, riders))

    @rule(target=heads, head=heads, submission_id=st.sampled_from(IDS), riders=RIDERS)
    def submit(self, head, submission_id, riders):
        commit = submit_commit(head, submission_id)
        return self.written(lambda store: store.append(commit, riders))

    @rule(target=heads, head=heads)
    def poll(self, head):
        return self.written(lambda store: store.append(poll_commit(head)))

    @rule(key=st.sampled_from(KEYS))
    def append_to_whatever_is_there(self, key):
        self.agreed(lambda store: store.append(poll_commit(start_commit(key).head)))

    @rule(riders=RIDERS)
    def record(self, riders):
        self.agreed(lambda store: store.record(riders))

    @rule(
        key=st.sampled_from(KEYS),
        refs=st.lists(st.builds(RecordRef, log=st.sampled_from(Log), seq=st.integers(0, 3)), max_size=3),
        tombstone=st.binary(max_size=4),
    )
    def erase(self, key, refs, tombstone):
        self.agreed(lambda store: store.erase(key, refs, tombstone))

    @rule(key=st.sampled_from(KEYS), name=st.sampled_from([*IDS, "unknown", None]))
    def look_up(self, key, name):
        self.agreed(lambda store: store.head(key))
        self.agreed(lambda store: store.step(key, name))
        self.agreed(lambda store: store.submission(key, name or "unknown"))

    @rule(
        key=st.sampled_from(KEYS), log=st.sampled_from(Log), after=st.integers(0, 4), upto=st.none() | st.integers(0, 6)
    )
    def read(self, key, log, after, upto):
        self.agreed(lambda store: list(store.read(key, log, after=after, upto=upto)))

    @rule(key=st.sampled_from(KEYS))
    def check(self, key):
        self.agreed(lambda store: store.check(key))

    @rule(
        query=st.builds(
            RunQuery,
            tenant_id=st.sampled_from([1, 2, 2**64 - 1]),
            namespace_id=st.none() | st.sampled_from([1, 256]),
            scenario_id=st.none() | st.sampled_from(["s", "org/s"]),
            status=st.none() | st.sampled_from(RunStatus),
        ),
        limit=st.integers(1, 3),
    )
    def list_runs(self, query, limit):
        cursor = None
        while True:
            kind, page = self.agreed(lambda store, cursor=cursor: store.runs(query, cursor, limit))
            assert kind == "returned"
            cursor = page.next_cursor
            if cursor is None:
                return

    @rule(by_ms=st.integers(1, 10_000))
    def wait(self, by_ms):
        for bench in self.benches:
            bench.clock.advance(by_ms)

    @rule()
    def reopen(self):
        self.stores = [bench.reopen() for bench in self.benches]

    @invariant()
    def notes_agree(self):
        notes = [list(bench.notes()) for bench in getattr(self, "benches", [])]
        assert all(other == notes[0] for other in notes[1:])

    def written(self, call):
        kind, found = self.agreed(call)
        return found if kind == "returned" else multiple()


def outcome(call, store):
    try:
        return "returned", call(store)
    except ConflictError as error:
        return "raised", (error.code, str(error), error.head)
    except DecisionGateError as error:
        return "raised", (error.code, str(error))


def test_all_run_stores_answer_the_same_calls_alike(file):
    run_state_machine_as_test(
        lambda: SideBySide(type(file)), settings=settings(max_examples=40, stateful_step_count=40, deadline=None)
    )
