"""One caller of this process at a time works on a run.

Every step of a run depends on the one before it, so callers of one run can only take turns. Without turns each
evaluates at once, one wins at the store, and the others throw their evidence away and ask again; under load a caller
loses its last try. Callers of other processes still meet at the store, which decides.
"""

import threading
from contextlib import AbstractContextManager

import attrs

from decision_gate.core.engine import ConcurrentUpdateError
from decision_gate.core.ports import RunKey
from decision_gate.mcp.waiting import waiting


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

    def __call__(self, key: RunKey) -> AbstractContextManager[None]:
        """Hold the run's turn while the context is open.

        Raises:
            ConcurrentUpdateError: When it is entered: too many callers want it already; trying again is safe.
        """
        return _Turn(self, key)

    def join(self, key: RunKey) -> _Line:
        """Count a caller in. Raise ``ConcurrentUpdateError``."""
        with self._mutex:
            line = self._lines.get(key)
            if line is None:
                line = self._lines[key] = _Line()
            elif self._max_callers is not None and line.callers >= self._max_callers:
                raise ConcurrentUpdateError(key.run_id)
            line.callers += 1
            return line

    def leave(self, key: RunKey, line: _Line) -> None:
        """Count a caller out."""
        with self._mutex:
            line.callers -= 1
            if line.callers == 0:
                del self._lines[key]


class _Turn(AbstractContextManager[None]):
    """One turn; a class, for every step takes two, and a generator costs several times as much."""

    __slots__ = ("_key", "_line", "_turns")

    _line: _Line

    def __init__(self, turns: RunTurns, key: RunKey) -> None:
        self._turns = turns
        self._key = key

    def __enter__(self) -> None:
        line = self._line = self._turns.join(self._key)
        try:
            # Who waits is not in work: the one whose turn it is may itself wait, for a provider.
            if not line.lock.acquire(blocking=False):
                with waiting():
                    line.lock.acquire()
        except BaseException:  # an interrupt of the main thread
            self._turns.leave(self._key, line)
            raise

    def __exit__(self, *_: object) -> None:
        self._line.lock.release()
        self._turns.leave(self._key, self._line)
