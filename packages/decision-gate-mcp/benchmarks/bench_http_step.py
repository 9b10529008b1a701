"""A durable ``scenario_next`` of one condition over HTTP, in units of the disk's price in the same seconds.

The server is ``decision-gate serve`` in a process of its own, on SQLite, with its audit log in a file; the clients
share the machine with it. Its processor time a step stands beside.
"""

import statistics
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

from benching import AtMost, DiskAppend, Goal, Outcome, Result, Unit, scratch
from benching.policies import waiting
from benching.servers import Client, Server, crowd, request, serving

SETTINGS = """
[server]
transport = "http"
bind = "127.0.0.1:{port}"
[server.audit]
path = "{folder}/audit.jsonl"
[run_state_store]
type = "sqlite"
path = "{folder}/runs.db"
[[providers]]
name = "time"
type = "builtin"
"""
TENANT, NAMESPACE = 3, 7
CLIENTS = 16
ROUNDS = 11
APPENDS = 30
ALONE = 40
EACH = 10


class Traffic:
    """The calls of some clients, each on a run of its own."""

    def __init__(self, server: Server, clients: int) -> None:
        self.server = server
        self.clients = [Client.connected(server.port) for _ in range(clients)]
        self.runs = [f"run-{clients}-{number}" for number in range(clients)]
        self._triggers = count(1)
        for run in self.runs:
            server.call("scenario_start", start(run))

    def close(self) -> None:
        """Hang up."""
        for client in self.clients:
            client.socket.close()

    def steps(self, each: int) -> tuple[float, float]:
        """Let every client take *each* steps; return wall and server processor time, nanoseconds a step."""
        requests = [[step(run, next(self._triggers)) for _ in range(each)] for run in self.runs]
        used = self.server.cpu_ns()
        wall = crowd(self.clients, requests)
        total = each * len(self.clients)
        return wall / total, (self.server.cpu_ns() - used) / total


def bench_http_step() -> Iterator[Outcome]:
    with scratch() as folder, serving(folder, SETTINGS) as server:
        server.call("scenario_define", {"spec": waiting(TENANT, NAMESPACE)})
        disk = DiskAppend(folder)
        alone, many = Traffic(server, 1), Traffic(server, CLIENTS)
        alone.steps(ALONE)
        many.steps(EACH)
        taken = [(_appends(disk), alone.steps(ALONE), many.steps(EACH)) for _ in range(ROUNDS)]
        for traffic in (alone, many):
            traffic.close()
        disk.close()
    appends = [append for append, *_ in taken]
    yield from _results("scenario_next over HTTP, 1 client", [one for _, one, _ in taken], appends, AtMost(8))
    yield from _results(
        f"scenario_next over HTTP, {CLIENTS} clients", [crowded for *_, crowded in taken], appends, AtMost(4)
    )


def start(run: str) -> dict[str, Any]:
    """Return the arguments of ``scenario_start``."""
    return {
        "scenario_id": "waiting",
        "run_config": {
            "tenant_id": TENANT,
            "namespace_id": NAMESPACE,
            "run_id": run,
            "scenario_id": "waiting",
            "dispatch_targets": [],
            "policy_tags": [],
        },
        "started_at": {"kind": "unix_millis", "value": 1_000},
        "issue_entry_packets": False,
    }


def step(run: str, number: int) -> bytes:
    """Return the request of one ``scenario_next``."""
    asked = {
        "run_id": run,
        "tenant_id": TENANT,
        "namespace_id": NAMESPACE,
        "trigger_id": f"trigger-{number}",
        "agent_id": "agent",
        "time": {"kind": "unix_millis", "value": 1_000 + number},
        "correlation_id": None,
    }
    return request("scenario_next", {"scenario_id": "waiting", "request": asked})


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
