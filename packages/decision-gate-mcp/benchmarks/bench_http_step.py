"""A durable ``scenario_next`` of one condition over HTTP, in units of the disk's price in the same seconds.

The server is ``decision-gate serve`` in a process of its own, on SQLite, with its audit log in a file; the clients
share the machine with it. Its processor time a step stands beside, and how many synchronisations a step needs.
"""

import statistics
import time
from collections.abc import Iterator

from benching import AtMost, DiskAppend, Goal, Outcome, Result, Unit, scratch
from benching.counted_server import commits
from benching.servers import serving
from benching.steps import SETTINGS, Traffic, define

CLIENTS = 16
ROUNDS = 11
APPENDS = 30
ALONE = 40
EACH = 20


def bench_time() -> Iterator[Outcome]:
    with scratch() as folder, serving(folder, SETTINGS) as server:
        define(server)
        disk = DiskAppend(folder)
        alone, many = Traffic(server, 1), Traffic(server, CLIENTS)
        alone.steps(ALONE)
        many.steps(EACH)
        taken = [(_appends(disk), alone.steps(ALONE), many.steps(EACH)) for _ in range(ROUNDS)]
        disk.close()
    appends = [append for append, *_ in taken]
    yield from _results("scenario_next over HTTP, 1 client", [one for _, one, _ in taken], appends, AtMost(8))
    yield from _results(
        f"scenario_next over HTTP, {CLIENTS} clients", [crowded for *_, crowded in taken], appends, AtMost(4)
    )


def bench_one_cpu() -> Iterator[Outcome]:
    """What keeping the threads together is good for (ADR 6); with one CPU, or a busy machine, the two are alike."""
    apart_settings = SETTINGS.replace("[server]", "[server]\none_cpu = false", 1)
    with scratch() as folder:
        (folder / "apart").mkdir()
        with serving(folder, SETTINGS) as together, serving(folder / "apart", apart_settings) as apart:
            sides = []
            for server in (together, apart):
                define(server)
                sides.append(Traffic(server, CLIENTS))
                sides[-1].steps(EACH)
            taken = [[traffic.steps(EACH)[1] for traffic in sides] for _ in range(ROUNDS)]
    yield Result(
        case=f"scenario_next over HTTP, {CLIENTS} clients, threads on one CPU: server CPU a step",
        unit=Unit.NANOSECONDS,
        ours=statistics.median(mine for mine, _ in taken),
        peer="threads on any CPU",
        peers=statistics.median(theirs for _, theirs in taken),
        ratio=statistics.median(mine / theirs for mine, theirs in taken),
        rounds=ROUNDS,
    )


def bench_synchronisations() -> Iterator[Outcome]:
    with scratch() as folder, serving(folder, SETTINGS, commits=folder / "commits") as server:
        define(server)
        alone, many = Traffic(server, 1), Traffic(server, CLIENTS)
        counted = []
        for traffic in (alone, many):
            traffic.steps(EACH)
            before = commits(folder / "commits")
            traffic.steps(EACH)
            counted.append((commits(folder / "commits") - before) / (EACH * len(traffic.runs)))
    yield Result.counted(
        f"scenario_next over HTTP, {CLIENTS} connections: synchronisations a step",
        counted[1],
        "1 connection",
        counted[0],
        AtMost(0.3),
    )


def _appends(disk: DiskAppend) -> float:
    started = time.perf_counter_ns()
    for _ in range(APPENDS):
        disk()
    return (time.perf_counter_ns() - started) / APPENDS


def _results(case: str, taken: list[tuple[float, float]], appends: list[float], goal: Goal) -> Iterator[Outcome]:
    for name, column, asked in (("a step", 0, goal), ("server CPU a step", 1, None)):
        figures = [step[column] for step in taken]
        yield Result(
            case=f"{case}: {name}",
            unit=Unit.NANOSECONDS,
            ours=statistics.median(figures),
            peer="4 KiB append + fdatasync",
            peers=statistics.median(appends),
            ratio=statistics.median(mine / theirs for mine, theirs in zip(figures, appends, strict=True)),
            rounds=ROUNDS,
            goal=asked,
        )
