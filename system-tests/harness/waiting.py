"""Bounded waiting for something that another process does."""

import threading
from collections.abc import Callable

_POLL_S = 0.02


def wait_until(holds: Callable[[], bool], *, within_s: float = 60.0) -> None:
    """Return as soon as *holds*. Raise ``TimeoutError`` when it does not in time."""
    pause = threading.Event()
    for _ in range(int(within_s / _POLL_S)):
        if holds():
            return
        pause.wait(_POLL_S)
    raise TimeoutError(f"nothing after {within_s} s")
