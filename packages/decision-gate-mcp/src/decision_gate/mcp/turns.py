"""One caller of this process at a time appends to a run.

Without it, callers of one run meet at the store and lose by compare-and-swap, each loss a repeated
evaluation. Locks are striped: two runs may share one, which costs a wait and never a deadlock, for nobody
holds two.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from decision_gate.core.ports import RunKey

STRIPES = 256


class RunTurns:
    """Hands out turns by run."""

    def __init__(self) -> None:
        self._locks = tuple(threading.Lock() for _ in range(STRIPES))

    @contextmanager
    def __call__(self, key: RunKey) -> Iterator[None]:
        """Hold the run's turn while the context is open."""
        with self._locks[hash(key) % STRIPES]:
            yield
