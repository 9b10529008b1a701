"""Sixteen writers on one file share commits, and so synchronisations of the disk.

A commit is one synchronisation, as ``bench_step_growth`` counts from outside; here commits are counted, for a tracer
that holds every synchronisation up would make the groups larger than they are. The price is that of a real crowd: each
writer drives a run of its own as fast as it can.
"""

import statistics
import threading
import time
from collections.abc import Iterator

from benching import AtMost, Outcome, Result, Unit, counting_statements, scratch
from benching.engines import DrivenRun, driven

WRITERS = 16
STEPS = 40
ROUNDS = 9
CASE = f"{WRITERS} writers on {WRITERS} runs"


def bench_commits() -> Iterator[Outcome]:
    with scratch() as folder, counting_statements() as statements, driven(folder / "runs.db", 1) as engine:
        runs = [engine.run(f"run-{number}") for number in range(WRITERS)]
        before = statements["COMMIT"]
        _drive(runs)
        commits = (statements["COMMIT"] - before) / (WRITERS * STEPS)
    yield Result.counted(f"{CASE}: commits a step", commits, "one writer", 1, AtMost(0.25))


def bench_time() -> Iterator[Outcome]:
    with scratch() as folder, driven(folder / "runs.db", 1) as engine:
        runs = [engine.run(f"run-{number}") for number in range(WRITERS)]
        taken = [(_drive(runs[:1]), _drive(runs)) for _ in range(ROUNDS)]
    yield Result(
        case=f"{CASE}: time a step",
        unit=Unit.NANOSECONDS,
        ours=statistics.median(many for _, many in taken),
        peer="one writer",
        peers=statistics.median(one for one, _ in taken),
        ratio=statistics.median(many / one for one, many in taken),
        rounds=ROUNDS,
        n=WRITERS,
    )


def _drive(runs: list[DrivenRun]) -> float:
    """Let every run have its steps in a thread of its own; return the nanoseconds a step."""
    start = threading.Barrier(len(runs) + 1)

    def write(run: DrivenRun) -> None:
        start.wait()
        for _ in range(STEPS):
            run()

    threads = [threading.Thread(target=write, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    start.wait()
    started = time.perf_counter_ns()
    for thread in threads:
        thread.join()
    return (time.perf_counter_ns() - started) / (STEPS * len(runs))
