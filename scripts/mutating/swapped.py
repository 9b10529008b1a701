"""The quick way: exchange the code of functions in a process that has imported and collected everything.

It says what is noticed. What it does not notice may still be noticed by the thorough way (``reloaded``): a value that
was computed on import is that of the unchanged code here.
"""

import functools
import gc
import mmap
import os
import resource
import signal
from collections import defaultdict
from collections.abc import Iterator, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import CodeType, FunctionType, TracebackType
from typing import Any, Final, Self

import pytest

from mutating.mutants import CORE, SOURCE, Mutant
from mutating.reloaded import OPTIONS, be_silent

TEST_CPU_SECONDS: Final = 15
"""Processor time of one test; one that needs more never ends."""

TEST_SECONDS: Final = 120
"""Time of one test that waits instead."""

MEMORY_BYTES: Final = 4 * 2**30
"""Address space of a mutant, some of which would take all there is."""

_Place = tuple[str, str, int]
"""Where code stands: file, qualified name, first line."""


class QuickTests:
    """A process with all tests, loaded, which tries mutants one after another."""

    def __init__(self, queue: Sequence[Mutant]) -> None:
        self._ours, theirs = Pipe()
        self._child = os.fork()
        if self._child == 0:
            be_silent()
            loop = _Loop(queue, theirs)
            os._exit(pytest.main([*OPTIONS, str(CORE / "tests")], plugins=[loop]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.send(None)
        os.waitpid(self._child, 0)

    def notices(self, number: int, tests: Sequence[str]) -> bool:
        """Tell whether one of *tests* (files and folders, in that order) notices a mutant of the queue."""
        self._ours.send((number, tuple(tests)))
        return bool(self._ours.recv())


class _Loop:
    """A plugin of pytest: runs the tests as often as it is asked to instead of once."""

    def __init__(self, queue: Sequence[Mutant], connection: Connection) -> None:
        self._queue = queue
        self._connection = connection
        self._noticing: dict[str, list[int]] = defaultdict(list)
        self._functions: dict[_Place, list[FunctionType]] = defaultdict(list)
        self._caches: list[functools._lru_cache_wrapper[Any]] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Answer requests until there are no more."""
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(SOURCE)):
                self._functions[_place(each.__code__)].append(each)
            elif isinstance(each, functools._lru_cache_wrapper):  # noqa: SLF001 - the only name of its type
                self._caches.append(each)
        gc.freeze()
        while (asked := self._connection.recv()) is not None:
            self._connection.send(self._is_noticed(session, *asked))
        return True

    def _is_noticed(self, session: pytest.Session, number: int, tests: Sequence[str]) -> bool:
        mutant = self._queue[number]
        swaps = self._swaps(mutant)
        if not swaps:
            return False
        earlier = self._noticing[mutant.module]
        chosen = [place for test in tests for place, item in enumerate(session.items) if _is_of(item, test)]
        order = list(dict.fromkeys((*earlier, *chosen)))
        noticed_by = mmap.mmap(-1, 8)
        child = os.fork()
        if child == 0:
            self._run(session, swaps, order, noticed_by)
        _, status = os.waitpid(child, 0)
        place = int.from_bytes(noticed_by[:], "big")
        if status and place:
            if place - 1 in earlier:
                earlier.remove(place - 1)
            earlier.insert(0, place - 1)
        return status != 0

    def _run(
        self,
        session: pytest.Session,
        swaps: Sequence[tuple[FunctionType, CodeType]],
        order: Sequence[int],
        noticed_by: mmap.mmap,
    ) -> None:
        """Run tests until one fails; end the process with 1 when one did, by a signal when one never ended."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        for cache in self._caches:
            cache.cache_clear()
        for function, code in swaps:
            function.__code__ = code
        for place, following in zip(order, [*order[1:], None], strict=True):
            used = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime)
            resource.setrlimit(resource.RLIMIT_CPU, (used + TEST_CPU_SECONDS, resource.RLIM_INFINITY))
            signal.alarm(TEST_SECONDS)
            item, after = session.items[place], None if following is None else session.items[following]
            noticed_by[:] = (place + 1).to_bytes(8, "big")
            item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                os._exit(1)
        os._exit(0)

    def _swaps(self, mutant: Mutant) -> list[tuple[FunctionType, CodeType]]:
        """Return which functions get which code; empty when that cannot make the mutant."""
        if not mutant.is_in_function:
            return []
        codes: dict[_Place, list[CodeType]] = defaultdict(list)
        for code in _codes(compile(mutant.tree, str(mutant.path), "exec")):
            codes[_place(code)].append(code)
        swaps = []
        for place, found in codes.items():
            for function in self._functions.get(place, ()):
                if len(found) > 1 or found[0].co_freevars != function.__code__.co_freevars:
                    return []
                swaps.append((function, found[0]))
        return swaps


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


def _place(code: CodeType) -> _Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _is_of(item: pytest.Item, test: str) -> bool:
    return str(item.path) == test or str(item.path).startswith(f"{test}/")
