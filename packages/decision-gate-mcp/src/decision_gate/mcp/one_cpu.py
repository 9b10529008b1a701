"""Keep the threads of a server on one CPU at a time (ADR 6).

The interpreter runs one thread at a time, however many CPUs there are. Spread over several, threads wake each other up
across them whenever one lets go of the interpreter's lock, as every call into SQLite does, and then find it taken
again. On one CPU a thread that is woken runs when the one before it has come to its end or waits itself.

Which CPU it is stays the system's choice: every ``PERIOD_S`` the threads are set free for a moment, and are then kept
where the system has put the one that serves. A thread, or a program, starts where the thread is that starts it. What
computes without the interpreter's lock, and other programs, belong elsewhere: ``anywhere``.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

PERIOD_S: Final = 2.0
"""How long the threads stay before the system may choose anew."""

PAUSE_S: Final = 0.005
"""How long it has for that: a few turns of the event loop of a busy server."""

_TASKS: Final = Path("/proc/self/task")
_FIELDS_BEFORE_CPU: Final = 36
"""Fields of ``/proc/<pid>/task/<tid>/stat`` between the name in parentheses and the CPU (proc(5))."""


class Crowd:
    """The threads that share a CPU: all of the process but those inside ``anywhere``.

    Made by the thread that serves. Used by any thread.
    """

    def __init__(self, allowed: frozenset[int]) -> None:
        self._allowed = allowed
        self._serving = threading.get_native_id()
        self._lock = threading.Lock()

    def scatter(self) -> None:
        """Let all threads run on every CPU that the process may use."""
        self._place(self._allowed)

    def gather(self) -> None:
        """Keep the threads on the CPU that the serving one used last."""
        self._place(frozenset({cpu_of(self._serving)}))

    def leave(self, thread: int) -> None:
        """Let one thread, which is in ``_apart`` by now, run on every CPU."""
        with self._lock:
            _move(thread, self._allowed)

    def _place(self, cpus: frozenset[int]) -> None:
        with self._lock:
            for task in _TASKS.iterdir():
                if (thread := int(task.name)) not in _apart:
                    _move(thread, cpus)


@contextmanager
def on_one_cpu() -> Iterator[None]:
    """Keep the threads of this process together while the context is open; entered by the thread that serves.

    Changes nothing where it cannot (only Linux lets threads be placed) or would not help: with one CPU, or without the
    interpreter's lock. One context at a time.
    """
    global _crowd  # noqa: PLW0603 - where threads run is a matter of the process
    if not _is_of_use():
        yield
        return
    _crowd = crowd = Crowd(frozenset(os.sched_getaffinity(0)))
    is_over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(crowd, is_over), name="dg-one-cpu", daemon=True)
    crowd.gather()
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()
        _crowd = None
        crowd.scatter()


@contextmanager
def anywhere() -> Iterator[None]:
    """Let this thread run on any CPU while the context is open: for long work without the interpreter's lock.

    Afterwards it moves back when the others are next placed.
    """
    thread = threading.get_native_id()
    if thread in _apart:
        yield
        return
    _apart.add(thread)
    try:
        if _crowd is not None:
            _crowd.leave(thread)
        yield
    finally:
        _apart.discard(thread)


def cpu_of(thread: int) -> int:
    """Return the CPU on which a thread of this process, named by its native id, ran last."""
    stat = (_TASKS / str(thread) / "stat").read_text(encoding="utf-8", errors="replace")
    return int(stat.rpartition(")")[2].split()[_FIELDS_BEFORE_CPU])


def _keep(crowd: Crowd, is_over: threading.Event) -> None:
    while not is_over.wait(PERIOD_S):
        crowd.scatter()
        is_over.wait(PAUSE_S)
        crowd.gather()


def _is_of_use() -> bool:
    if sys.platform != "linux" or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return False
    return len(os.sched_getaffinity(0)) > 1


def _move(thread: int, cpus: frozenset[int]) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        os.sched_setaffinity(thread, cpus)


_apart: Final[set[int]] = set()
"""Native ids of the threads inside ``anywhere``; each adds and removes only itself."""

_crowd: Crowd | None = None
