"""A tenant's ``scenario_next`` beside another tenant at full load, against itself alone in the same minutes.

The load comes from a process of its own over many connections, as fast as it is answered; all of it shares the machine
with the server. Alone and beside take turns, so that a machine that is busy by itself is busy for both.
"""

import multiprocessing as mp
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.synchronize import Event

from benching import AtMost, Goal, Outcome, Result, Unit, scratch
from benching.policies import waiting
from benching.servers import Client, Server, request, serving
from benching.steps import SETTINGS

QUIET, LOUD, NAMESPACE = 3, 4, 7
CONNECTIONS = 32
ROUNDS = 6
STEPS = 100
SETTLED_S = 0.5
P99 = 99


def bench_fairness() -> Iterator[Outcome]:
    alone: list[float] = []
    beside: list[float] = []
    with scratch() as folder, serving(folder, SETTINGS) as server:
        for tenant in (QUIET, LOUD):
            server.call("scenario_define", {"spec": waiting(tenant, NAMESPACE)})
        _start(server, QUIET, "quiet")
        for number in range(CONNECTIONS):
            _start(server, LOUD, f"loud-{number}")
        numbers = count()
        with Client.connected(server.port) as client:
            _taken(client, numbers)
            for _ in range(ROUNDS):
                alone += _taken(client, numbers)
                with _full_load(server.port):
                    beside += _taken(client, numbers)
    case = f"scenario_next beside a tenant with {CONNECTIONS} connections"
    yield _result(f"{case}: p50", statistics.median(beside), statistics.median(alone), None)
    yield _result(f"{case}: p99", _p99(beside), _p99(alone), AtMost(2))


def step(tenant: int, run: str, number: int) -> bytes:
    """Return the request of one ``scenario_next``."""
    asked = {
        "run_id": run,
        "tenant_id": tenant,
        "namespace_id": NAMESPACE,
        "trigger_id": f"trigger-{number}",
        "agent_id": "agent",
        "time": {"kind": "unix_millis", "value": 1_000 + number},
        "correlation_id": None,
    }
    return request("scenario_next", {"scenario_id": "waiting", "request": asked})


def _start(server: Server, tenant: int, run: str) -> None:
    config = {
        "tenant_id": tenant,
        "namespace_id": NAMESPACE,
        "run_id": run,
        "scenario_id": "waiting",
        "dispatch_targets": [],
        "policy_tags": [],
    }
    moment = {"kind": "unix_millis", "value": 1_000}
    arguments = {"scenario_id": "waiting", "run_config": config, "started_at": moment, "issue_entry_packets": False}
    server.call("scenario_start", arguments)


def _taken(client: Client, numbers: Iterator[int]) -> list[float]:
    figures = []
    for _ in range(STEPS):
        asked = step(QUIET, "quiet", next(numbers))
        started = time.perf_counter_ns()
        client.exchange(asked)
        figures.append(float(time.perf_counter_ns() - started))
    return figures


@contextmanager
def _full_load(port: int) -> Iterator[None]:
    forked = mp.get_context("fork")
    stop = forked.Event()
    load = forked.Process(target=_load, args=(port, time.perf_counter_ns(), stop))
    load.start()
    time.sleep(SETTLED_S)
    try:
        yield
    finally:
        stop.set()
        load.join()


def _load(port: int, salt: int, stop: Event) -> None:
    def caller(number: int) -> None:
        with Client.connected(port) as client:
            for asked in count(salt):
                if stop.is_set():
                    return
                client.exchange(step(LOUD, f"loud-{number}", asked))

    callers = [threading.Thread(target=caller, args=(number,)) for number in range(CONNECTIONS)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join()


def _p99(figures: list[float]) -> float:
    return statistics.quantiles(figures, n=100)[P99 - 1]


def _result(case: str, beside: float, alone: float, goal: Goal | None) -> Result:
    return Result(
        case=case,
        unit=Unit.NANOSECONDS,
        ours=beside,
        peer="alone",
        peers=alone,
        ratio=beside / alone,
        rounds=ROUNDS,
        goal=goal,
    )
