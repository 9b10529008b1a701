"""A request to stop ends the process through what is open, not past it.

The default of SIGTERM ends a process at once. The web server first finishes its requests and then raises the signal
again, for whoever listened before it; without somebody there, stores would never be closed and buffered audit lost.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Turn SIGTERM into the orderly end of this process, with status 0, while the block runs.

    Raises:
        SystemExit: The signal came. Threads other than the main one cannot listen; there the block changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
