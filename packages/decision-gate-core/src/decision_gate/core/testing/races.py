"""Starting calls at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Outcome = TypeVar("Outcome")

PATIENCE_S: Final = 60
"""Longest a race may take; a store that hangs fails by it."""


def race(calls: Sequence[Callable[[], Outcome]]) -> list[Outcome | Exception]:
    """Run *calls* at the same moment in threads of their own; return what each returned or raised."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Outcome]) -> Outcome | Exception:
        start.wait(PATIENCE_S)
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - the outcome of a racer is what its suite judges
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(PATIENCE_S) for future in [pool.submit(run, call) for call in calls]]
