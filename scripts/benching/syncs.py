"""Counting how often this process, all its threads, asks the disk to synchronise.

Nothing in Python sees what SQLite does below it, so ``strace`` looks at the process from outside. Where it is missing
or may not look, there is no count.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ATTACH_S = 10.0


class SyncCount:
    """A running count."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def now(self) -> int:
        """Return how many synchronisations have ended; the tracer writes one line each before it lets go."""
        return sum(b"sync(" in line for line in self._log.read_bytes().splitlines())


@contextmanager
def counting_syncs() -> Iterator[SyncCount | None]:
    """Yield a count of ``fsync`` and ``fdatasync``, none where they cannot be counted."""
    tracer = shutil.which("strace")
    if tracer is None:
        yield None
        return
    with tempfile.NamedTemporaryFile(prefix="syncs-") as log:
        path = Path(log.name)
        command = [tracer, "-f", "-e", "trace=fsync,fdatasync", "-o", str(path), "-p", str(os.getpid())]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                count = SyncCount(path)
                yield count if _is_attached(process, count, log.fileno()) else None
            finally:
                process.terminate()


def _is_attached(process: "subprocess.Popen[bytes]", count: SyncCount, file: int) -> bool:
    """Wait until a synchronisation of ours is seen; false when the tracer gave up."""
    deadline = time.monotonic() + ATTACH_S
    while process.poll() is None and time.monotonic() < deadline:
        os.fdatasync(file)
        if count.now():
            return True
        time.sleep(0.01)
    return False
