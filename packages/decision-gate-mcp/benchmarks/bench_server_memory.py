"""What a server weighs and how soon it is ready: when it idles, after ten and after a hundred thousand calls.

Sixteen clients call; one call of four is a step of a run. Synchronisation is left out (``sync_mode = "normal"``), for
it takes time and no memory.
"""

import time
from collections.abc import Iterator

from benching import Outcome, Result, Unit, Within, scratch
from benching.servers import free_port, program_of, request, running, serving
from benching.steps import SETTINGS, Traffic, define, timed

CLIENTS = 16
STEPS, LISTS = 25, 75
WARM, LONG = 9_600, 100_800
MIB = 2**20
ROUNDS = 5


def bench_growth() -> Iterator[Outcome]:
    settings = SETTINGS.replace('type = "sqlite"', 'type = "sqlite"\nsync_mode = "normal"')
    with scratch() as folder, serving(folder, settings) as server:
        idle = server.resident_bytes()
        define(server)
        traffic = Traffic(server, CLIENTS)
        listing = request("providers_list", {})
        weighed = []
        for calls in (WARM, LONG - WARM):
            for _ in range(calls // (CLIENTS * (STEPS + LISTS))):
                traffic.steps(STEPS)
                timed(server, [[listing] * LISTS] * CLIENTS)
            weighed.append(server.resident_bytes())
    warm, long = weighed
    yield Result.counted("server memory after start", idle, f"after {WARM:,} calls", warm, None, Unit.BYTES)
    yield Result.counted(
        f"server memory after {LONG:,} calls", long, f"after {WARM:,}", warm, Within(8 * MIB, "8 MiB"), Unit.BYTES
    )


def bench_start() -> Iterator[Outcome]:
    ours, theirs = [], []
    with scratch() as folder:
        value = folder / "value.json"
        value.write_bytes(b"null")
        for _ in range(ROUNDS):
            started = time.perf_counter_ns()
            with serving(folder, SETTINGS) as server:
                server.ready()
                ours.append((time.perf_counter_ns() - started, server.resident_bytes()))
            started, port = time.perf_counter_ns(), free_port()
            with running([*program_of("starlette_server"), str(port), str(value)], port, folder) as server:
                theirs.append((time.perf_counter_ns() - started, server.resident_bytes()))
    for column, name, unit in ((0, "start to /readyz", Unit.NANOSECONDS), (1, "idle server memory", Unit.BYTES)):
        mine, other = (sorted(each[column] for each in taken)[ROUNDS // 2] for taken in (ours, theirs))
        yield Result.counted(name, mine, "Starlette + orjson alone", other, None, unit)
