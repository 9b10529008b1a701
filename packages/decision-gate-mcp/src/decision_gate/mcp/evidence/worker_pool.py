"""A few threads that do the waiting for one provider: the bulkhead that keeps a slow one from starving the others.

Not ``concurrent.futures``: its threads are joined when the interpreter ends, so that one provider that hangs would
keep the server from stopping, and its queue keeps what nobody waits for any more.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from decision_gate.mcp.one_cpu import anywhere

T = TypeVar("T")


class Ticket(Generic[T]):
    """One piece of work and, later, what came of it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._outcome: list[T] = []
        self._is_done = threading.Lock()  # held until the outcome is there; the cheapest latch there is
        self._is_done.acquire()

    def run(self) -> None:
        """Do the work; it must not raise."""
        try:
            self._outcome.append(self._work())
        finally:
            self._is_done.release()

    def wait(self, seconds: float) -> T | None:
        """Return the outcome, None when it is not there in time or the work ended its thread; may be called once."""
        is_done = self._is_done.acquire(timeout=max(0.0, seconds))
        return self._outcome[0] if is_done and self._outcome else None


class WorkerPool(Generic[T]):
    """At most ``size`` threads, begun when they are needed and never waited for.

    Args:
        name: what the threads are called.
        size: pieces of work that run at the same time; further ones queue.
    """

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._queue: deque[Ticket[T]] = deque()
        self._changed = threading.Condition()
        self._threads = 0
        self._idle = 0
        self._is_closed = False

    def submit(self, work: Callable[[], T]) -> Ticket[T]:
        """Queue a piece of work; after ``close`` nothing will come of it."""
        ticket = Ticket(work)
        with self._changed:
            if self._is_closed:
                return ticket
            self._queue.append(ticket)
            if self._idle >= len(self._queue):
                self._changed.notify()
            elif self._threads < self._size:
                self._threads += 1
                threading.Thread(target=self._serve, name=f"{self._name}-{self._threads}", daemon=True).start()
        return ticket

    def withdraw(self, ticket: Ticket[T]) -> None:
        """Take a piece of work out of the queue if it has not begun; begun work is left to end."""
        with self._changed:
            if ticket in self._queue:
                self._queue.remove(ticket)

    def close(self) -> None:
        """Let the threads end after the work they have begun; what is queued is dropped."""
        with self._changed:
            self._is_closed = True
            self._queue.clear()
            self._changed.notify_all()

    def _serve(self) -> None:
        try:
            with anywhere():  # it mostly waits, and a program that it starts stays where it is started
                while (ticket := self._next()) is not None:
                    ticket.run()
        finally:  # also when the work raised SystemExit: the place is free again
            with self._changed:
                self._threads -= 1

    def _next(self) -> Ticket[T] | None:
        with self._changed:
            self._idle += 1
            while not self._queue and not self._is_closed:
                self._changed.wait()
            self._idle -= 1
            return self._queue.popleft() if self._queue else None
