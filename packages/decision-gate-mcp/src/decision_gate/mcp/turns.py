"""One caller of this process at a time works on a run.

Every step of a run depends on the one before it, so callers of one run can only take turns. Without turns each
evaluates at once, one wins at the store, and the others throw their evidence away and ask again; under load a caller
loses its last try. Callers of other processes still meet at the store, which decides.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from decision_gate.core.engine import ConcurrentUpdateError
from decision_gate.core.ports import RunKey


@attrs.define
class _Line:
    """The callers of one run: who has the turn, and how many want it."""

    lock: threading.Lock = attrs.field(factory=threading.Lock)
    callers: int = 0


class RunTurns:
    """Hands out turns by run; a run that nobody calls costs nothing."""

    def __init__(self, *, max_callers: int | None = None) -> None:
        """Limit how many callers of one run there may be at once, so that one busy run cannot hold every thread."""
        self._max_callers = max_callers
        self._lines: dict[RunKey, _Line] = {}
        self._mutex = threading.Lock()

    @contextmanager
    def __call__(self, key: RunKey) -> Iterator[None]:
        """Hold the run's turn while the context is open.

        Raises:
            ConcurrentUpdateError: Too many callers want it already; trying again is safe.
        """
        line = self._join(key)
        try:
            with line.lock:
                yield
        finally:
            with self._mutex:
                line.callers -= 1
                if line.callers == 0:
                    del self._lines[key]

    def _join(self, key: RunKey) -> _Line:
        with self._mutex:
            line = self._lines.get(key)
            if line is None:
                line = self._lines[key] = _Line()
            elif self._max_callers is not None and line.callers >= self._max_callers:
                raise ConcurrentUpdateError(key.run_id)
            line.callers += 1
            return line
