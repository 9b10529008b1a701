"""Committing together what arrives together, without a thread of its own.

The first caller becomes the leader: it takes everybody who waits and commits the whole batch at once; whoever arrives
meanwhile waits, and one of them leads the next batch. A single caller so pays no hop between threads (a dedicated
writer thread costs two), and sixteen callers share one synchronisation of the disk.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from decision_gate.core.ports import OutcomeUnknownError

Work = TypeVar("Work")

MAX_BATCH = 256
"""Most units of one batch; beyond it nothing is gained and the first one waits too long."""


class Unit(Generic[Work]):
    """One piece of work and, after its batch, what became of it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.result: Any = None
        # What a caller is told whose batch ended in an interrupt: nobody knows.
        self.error: BaseException | None = OutcomeUnknownError("the batch was interrupted")
        self.is_leader = False
        self._turn = threading.Lock()
        self._turn.acquire()

    def succeed(self, result: Any) -> None:  # noqa: ANN401 - whatever the work returns
        """Say that the work is committed."""
        self.result, self.error = result, None

    def fail(self, error: BaseException) -> None:
        """Say why the work is not committed."""
        self.error = error

    def wait(self) -> None:
        """Wait until this unit is settled or has to lead."""
        self._turn.acquire()

    def wake(self) -> None:
        """End the waiting."""
        self._turn.release()


class GroupCommit(Generic[Work]):
    """Runs batches one after another, each in the thread of one of its callers.

    *commit* is called with the units of a batch, never by two threads at once, and lets each of them succeed or fail.
    """

    def __init__(self, commit: Callable[[Sequence[Unit[Work]]], None], *, max_batch: int = MAX_BATCH) -> None:
        self._commit = commit
        self._max_batch = max_batch
        self._lock = threading.Lock()
        self._waiting: deque[Unit[Work]] = deque()
        self._has_leader = False

    @property
    def waiting(self) -> int:
        """How many wait for the next batch."""
        return len(self._waiting)

    def run(self, work: Work) -> Any:  # noqa: ANN401 - whatever the work returns
        """Have *work* committed, alone or with others, and return its result or raise its error."""
        unit = Unit(work)
        with self._lock:
            self._waiting.append(unit)
            unit.is_leader = not self._has_leader
            self._has_leader = True
        if not unit.is_leader:
            self._await(unit)
        if unit.is_leader:
            self._lead()
        if unit.error is not None:
            raise unit.error
        return unit.result

    def _await(self, unit: Unit[Work]) -> None:
        try:
            unit.wait()
        except BaseException:  # an interrupt of the main thread: leave, and let nobody wait for us
            with self._lock:
                if unit in self._waiting:
                    self._waiting.remove(unit)
                    if unit.is_leader:
                        self._pass_on()
            raise

    def _lead(self) -> None:
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(self._max_batch, len(self._waiting)))]
        try:
            self._commit(batch)
        finally:
            with self._lock:
                self._pass_on()
            for unit in batch:
                unit.wake()

    def _pass_on(self) -> None:
        """Let the first who waits lead; with the lock held."""
        self._has_leader = bool(self._waiting)
        if self._waiting:
            self._waiting[0].is_leader = True
            self._waiting[0].wake()
