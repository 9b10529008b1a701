"""Steps of runs that wait, as calls over HTTP: what a server under load is asked."""

from itertools import count
from typing import Any

from benching.policies import waiting
from benching.servers import Server, crowd, request

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
"""A durable server without guards of its own, with its audit log in a file."""

BEARER = "a-token-for-benchmarks"

GUARDED = """
[server]
transport = "http"
bind = "127.0.0.1:{port}"
[server.auth]
mode = "bearer_token"
bearer_tokens = ["BEARER"]
[server.audit]
path = "{folder}/audit.jsonl"
[time]
source = "caller"
[run_state_store]
type = "memory"
[[providers]]
name = "time"
type = "builtin"
""".replace("BEARER", BEARER)
"""A server in memory that asks who is calling."""

TENANT, NAMESPACE = 3, 7


def define(server: Server, conditions: int = 1, bearer: str | None = None) -> None:
    """Define the scenario whose runs wait for ages."""
    server.call("scenario_define", {"spec": waiting(TENANT, NAMESPACE, conditions)}, bearer)


class Traffic:
    """The calls of some clients, each on a run of its own."""

    def __init__(self, server: Server, clients: int, bearer: str | None = None) -> None:
        self.server = server
        self.runs = [f"run-{clients}-{number}" for number in range(clients)]
        self._bearer = bearer
        self._triggers = count(1)
        for run in self.runs:
            server.call("scenario_start", start(run), bearer)

    def steps(self, each: int) -> tuple[float, float]:
        """Let every client take *each* steps; return wall and server processor time, nanoseconds a step."""
        requests = [[step(run, next(self._triggers), self._bearer) for _ in range(each)] for run in self.runs]
        return timed(self.server, requests)


def timed(server: Server, requests: list[list[bytes]]) -> tuple[float, float]:
    """Make the requests of each client, all clients at once; return wall and server processor time, ns a request."""
    used = server.cpu_ns()
    wall = crowd(server.port, requests)
    total = sum(len(own) for own in requests)
    return wall / total, (server.cpu_ns() - used) / total


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


def step(run: str, number: int, bearer: str | None = None, scenario_id: str = "waiting") -> bytes:
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
    return request("scenario_next", {"scenario_id": scenario_id, "request": asked}, bearer)
