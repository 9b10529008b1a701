"""What collecting evidence adds: nothing to speak of for providers at hand, and one wait for ten that have to wait."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs

from benching import AtMost, Outcome, Result, Unit, alternate
from decision_gate.core.model import EvidenceContext, EvidenceQuery
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.http_provider import HttpProvider, HttpSettings
from decision_gate.mcp.evidence.parallel_collector import Bulkhead, ParallelCollector, RegisteredProvider
from decision_gate.mcp.evidence.time_provider import TimeProvider, TimeSettings

CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(0),
)
WAIT_SECONDS = 0.2
CONDITIONS = 10


class _Slow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        time.sleep(WAIT_SECONDS)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_details: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


def bench_waiting() -> Iterator[Outcome]:
    with _slow_server() as url:
        provider = HttpProvider(HttpSettings(allow_http=True, allowed_hosts=("127.0.0.1",)))
        collector = ParallelCollector({"http": RegisteredProvider(provider=provider, bulkhead=Bulkhead())})
        query = EvidenceQuery(provider_id="http", check_id="status", params={"url": url})
        pair = alternate(
            lambda: collector.collect([query] * CONDITIONS, CONTEXT),
            lambda: collector.collect([query], CONTEXT),
            rounds=3,
            calls=1,
            clock=time.perf_counter_ns,
        )
        collector.close()
    yield Result(
        case="evidence: ten HTTP conditions of 200 ms",
        unit=Unit.NANOSECONDS,
        peer="one of them",
        goal=AtMost(2.25),
        **attrs.asdict(pair),
    )


def bench_at_hand() -> Iterator[Outcome]:
    provider = TimeProvider(TimeSettings())
    collector = ParallelCollector({"time": RegisteredProvider(provider=provider)})
    queries = [EvidenceQuery(provider_id="time", check_id="now")]
    pair = alternate(
        lambda: collector.collect(queries, CONTEXT),
        lambda: provider.query(queries[0], CONTEXT),
        rounds=15,
        calls=2000,
        clock=time.perf_counter_ns,
    )
    yield Result(
        case="evidence: one time condition",
        unit=Unit.NANOSECONDS,
        peer="the provider alone",
        goal=AtMost(2),
        **attrs.asdict(pair),
    )


@contextmanager
def _slow_server() -> Iterator[str]:
    with _Server(("127.0.0.1", 0), _Slow) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
