"""The sequencer's thread: sequences, keeps snapshots and forgets what is due, until the server stops."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.enterprise.audit.logs import LogNames
from decision_gate.enterprise.audit.retention import Retention, forget_due
from decision_gate.enterprise.audit.sequencer import Sequencer
from decision_gate.enterprise.audit.snapshots import SnapshotStore, publish
from decision_gate.enterprise.audit.store import AuditStore

_FORGET_EVERY_MS = 3_600_000


@attrs.frozen(kw_only=True)
class Pace:
    """How often: *interval_ms* between two looks at the outbox, *snapshot_ms* between two snapshots."""

    interval_ms: int
    snapshot_ms: int


@attrs.define(kw_only=True)
class Sequencing:
    """What the thread does; ``turn`` is one round of it. *report* is told of what it cannot do, once until it can."""

    store: AuditStore
    names: LogNames
    sequencer: Sequencer
    retention: Retention
    snapshots: SnapshotStore | None
    pace: Pace
    clock: Callable[[], int]
    report: Callable[[DecisionGateError], None]
    _snapshot_at: int = 0
    _forget_at: int = 0
    _told: str = ""

    def turn(self, *, is_last: bool = False) -> None:
        """Do what is due now; the last turn also keeps a snapshot."""
        try:
            now = self.clock()
            if now >= self._forget_at:
                forget_due(self.store, self.retention, now)
                self._forget_at = now + _FORGET_EVERY_MS
            self.sequencer.run()
            if self.snapshots is not None and self.sequencer.touched and (is_last or now >= self._snapshot_at):
                publish(self.store, self.names, self.snapshots, sorted(self.sequencer.touched))
                self.sequencer.touched.clear()
                self._snapshot_at = now + self.pace.snapshot_ms
            self._told = ""
        except DecisionGateError as error:
            # Events stay safe in the outbox meanwhile; what must not happen is that nobody hears of it.
            if str(error) != self._told:
                self._told = str(error)
                self.report(error)


@contextmanager
def sequencing(work: Sequencing) -> Iterator[None]:
    """Run *work* beside the block; at the end everything that waits gets a place."""
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(work.pace.interval_ms / 1_000):
            work.turn()

    thread = threading.Thread(target=loop, name="audit-sequencer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        work.turn(is_last=True)
