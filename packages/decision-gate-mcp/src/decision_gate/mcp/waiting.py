"""Lets code that waits for somebody else say so to the transport that counts what is in work.

The two know nothing of each other: a transport does its work inside ``counted``, a collector of evidence waits inside
``waiting``, and whoever calls the pipeline by itself counts nothing.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs


@attrs.frozen(kw_only=True)
class Counter:
    """Told when the work of this thread begins to wait, and when it goes on."""

    rest: Callable[[], None]
    resume: Callable[[], None]


class _Current(threading.local):
    counter: Counter | None = None


_current = _Current()


class counted:  # noqa: N801 - used like the function beside it
    """Do work of this thread that *counter* counts; a class, for a generator costs several times as much."""

    __slots__ = ("_counter",)

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def __enter__(self) -> None:
        _current.counter = self._counter

    def __exit__(self, *_: object) -> None:
        _current.counter = None


@contextmanager
def waiting() -> Iterator[None]:
    """Wait for somebody else: a provider, another service. Not for short waits: telling costs more than they do."""
    counter = _current.counter
    if counter is None:
        yield
        return
    counter.rest()
    try:
        yield
    finally:
        counter.resume()
