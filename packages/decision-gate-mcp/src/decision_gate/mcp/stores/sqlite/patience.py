"""Waiting for other processes that hold the file, up to a deadline.

SQLite's own waiting sleeps up to a tenth of a second between tries and so starves under steady load from another
process; several processes on one file are normal use, and each is as important as the others.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import Final, TypeVar

from decision_gate.mcp.stores.sqlite.errors import primary_code

Result = TypeVar("Result")

BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
"""Primary result codes that mean: try again."""

_FIRST_PAUSE_S: Final = 0.000_5
_LONGEST_PAUSE_S: Final = 0.01


def patiently(call: Callable[[], Result], timeout_s: float) -> Result:
    """Return what *call* returns, trying again while the file is held elsewhere.

    Raises:
        sqlite3.Error: It was still held after *timeout_s* seconds, or something else is wrong.
    """
    deadline: float | None = None
    pause = _FIRST_PAUSE_S
    while True:
        try:
            return call()
        except sqlite3.Error as error:
            if primary_code(error) not in BUSY:
                raise
            now = time.monotonic()
            deadline = now + timeout_s if deadline is None else deadline
            if now >= deadline:
                raise
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - a pause, not a secret
            pause = min(pause * 2, _LONGEST_PAUSE_S)
