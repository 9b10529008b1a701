"""What it costs to make a decision durable, in units of the disk's own price: 4 KiB appended and synchronised.

The append is that of the store alone, of a commit sealed before; the step is all that ``ControlPlane.next`` does.
"""

import time
from collections.abc import Callable, Iterator

import attrs

from benching import AtMost, DiskAppend, Outcome, Result, Unit, alternate, scratch
from benching.engines import driven, recorded
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database

CALLS = 40
ROUNDS = 15


def bench_append() -> Iterator[Outcome]:
    with scratch() as folder, open_database(SqliteSettings(path=folder / "runs.db"), now_ms=lambda: 0) as database:
        store = SqliteRunStore(database)
        start, *steps = recorded(1, CALLS * ROUNDS)
        store.create(start)
        yield _against_the_disk("durable append, conditions: 1", lambda: store.append(steps.pop(0)), folder, 1.5)


def bench_step() -> Iterator[Outcome]:
    for conditions in (1, 10):
        with scratch() as folder, driven(folder / "runs.db", conditions) as engine:
            yield _against_the_disk(f"durable step, conditions: {conditions}", engine.run("run"), folder, 2.5)


def _against_the_disk(case: str, ours: Callable[[], object], folder, times: float) -> Result:
    disk = DiskAppend(folder)
    pair = alternate(ours, disk, rounds=ROUNDS, calls=CALLS, clock=time.perf_counter_ns)
    disk.close()
    return Result(
        case=case,
        unit=Unit.NANOSECONDS,
        peer="4 KiB append + fdatasync",
        goal=AtMost(times),
        **attrs.asdict(pair),
    )
