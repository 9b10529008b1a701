"""Ten conditions whose evidence takes 200 ms each, over HTTP: they are asked side by side.

The peer is the same step with one such condition.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

from benching import Below, Outcome, Result, Unit, alternate, scratch
from benching.servers import Server, serving
from benching.steps import NAMESPACE, SETTINGS, TENANT, start, step
from decision_gate.core.testing.world import condition, gate, scenario, stage

PAUSE_S = 0.2
ROUNDS = 9
CONDITIONS = 10
PROVIDER = """
[[providers]]
name = "http"
type = "builtin"
[providers.config]
allow_http = true
allowed_hosts = ["127.0.0.1"]
"""


class Slow(BaseHTTPRequestHandler):
    """Answers 200 after a while."""

    def do_GET(self) -> None:
        time.sleep(PAUSE_S)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *said: object) -> None:
        del said


def bench_step() -> Iterator[Outcome]:
    with scratch() as folder, _slow() as url, serving(folder, SETTINGS + PROVIDER) as server:
        pair = alternate(
            _stepping(server, url, CONDITIONS),
            _stepping(server, url, 1),
            rounds=ROUNDS,
            calls=1,
            clock=time.perf_counter_ns,
        )
    yield Result(
        case=f"scenario_next, {CONDITIONS} HTTP conditions of 200 ms",
        unit=Unit.NANOSECONDS,
        peer="1 such condition",
        goal=Below(450_000_000, "450 ms"),
        **attrs.asdict(pair),
    )


def _stepping(server: Server, url: str, conditions: int) -> Callable[[], object]:
    """Return one step of a run that always holds, for every condition wants another status."""
    names = [f"c{number}" for number in range(conditions)]
    asked = [
        condition(
            name, query={"provider_id": "http", "check_id": "status", "params": {"url": f"{url}/{name}"}}, expected=404
        )
        for name in names
    ]
    tree = {"And": [{"Condition": name} for name in names]}
    run = f"run-{conditions}"
    spec = scenario(
        [stage("wait", [gate("all", tree)])],
        asked,
        scenario_id=run,
        namespace_id=NAMESPACE,
        default_tenant_id=TENANT,
    )
    server.call("scenario_define", {"spec": spec})
    begin = start(run)
    begin["scenario_id"] = begin["run_config"]["scenario_id"] = run
    server.call("scenario_start", begin)
    triggers = iter(range(1, 1_000))

    def one() -> Any:
        answer = server.ask(step(run, next(triggers), scenario_id=run))
        assert answer["result"]["content"][0]["json"]["decision"]["outcome"]["kind"] == "hold", answer
        return answer

    return one


@contextmanager
def _slow() -> Iterator[str]:
    service = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{service.server_port}"
    finally:
        service.shutdown()
        thread.join()
        service.server_close()
