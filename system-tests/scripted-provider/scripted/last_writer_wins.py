"""A run store that is wrong on purpose: it reads a file of everything, changes it and writes it back, unlocked.

Within one process it keeps the contract; two processes on one file lose each other's commits. What races the real
stores must fail on this one, or it proves nothing.
"""

import os
import pickle
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from decision_gate.core.memory import MemoryRunStore
from decision_gate.core.ports import Commit, Rider, RunHead, RunKey, StepRecords
from decision_gate.mcp.config.kinds import Text
from decision_gate.mcp.config.table import key

_WORK_S = 0.005
"""What lies between reading and writing in any real store; here it is only never less."""


@attrs.frozen(kw_only=True)
class LastWriterWinsSettings:
    """``[run_state_store]`` of type ``last_writer_wins``."""

    path: str = key(Text(), "The file of everything.")


class LastWriterWinsStore(MemoryRunStore):
    """Memory that is read from a file before every call, and written to it after every change."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._turn = threading.Lock()

    def create(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """See ``RunStore``."""
        with self._turn:
            self._load()
            head = super().create(commit, riders)
            self._save()
            return head

    def append(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """See ``RunStore``, but for other processes."""
        with self._turn:
            self._load()
            head = super().append(commit, riders)
            time.sleep(_WORK_S)
            self._save()
            return head

    def head(self, key: RunKey) -> RunHead | None:
        """See ``RunStore``."""
        with self._turn:
            self._load()
            return super().head(key)

    def step(self, key: RunKey, trigger_id: str | None) -> StepRecords | None:
        """See ``RunStore``."""
        with self._turn:
            self._load()
            return super().step(key, trigger_id)

    def _load(self) -> None:
        if self._path.exists():
            self._runs = pickle.loads(self._path.read_bytes())  # noqa: S301 - our own file, in a test

    def _save(self) -> None:
        # Whole or not at all, so that what is shown to be lost is lost to the race and not to a torn file.
        made = self._path.with_suffix(f".{os.getpid()}")
        made.write_bytes(pickle.dumps(self._runs))
        made.replace(self._path)


@contextmanager
def open_last_writer_wins(
    settings: LastWriterWinsSettings,
    rider_tables: Sequence[Any],  # noqa: ARG001 - of the contract of run stores
) -> Iterator[LastWriterWinsStore]:
    """Open the run store ``last_writer_wins``."""
    yield LastWriterWinsStore(Path(settings.path))
