"""What being one of many tenants costs a call: key, grants, quota, ledger and audit leaf, on and off, over HTTP.

Both servers are ``decision-gate serve`` on SQLite, on the same disk, by turns. A flood of invented keys is the other
question: it must not be felt by a caller who has one.
"""

import json
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import Any

import attrs

from benching import AtMost, DiskAppend, Goal, Outcome, Result, Unit, scratch
from benching.policies import waiting
from benching.servers import Client, Server, free_port, request, serving
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.identity import (
    ApiKey,
    ApiKeyAuthenticator,
    Clocks,
    Environment,
    Failures,
    SecretHasher,
    identity_tables,
    mint,
)
from decision_gate.enterprise.identity.keys import add_key
from decision_gate.enterprise.tenancy import Grant, PrincipalRecord, State, people, tenancy_tables
from decision_gate.enterprise.tenancy.roles import TENANT_ADMIN
from decision_gate.enterprise.testing.tenancy import admit
from decision_gate.enterprise.transactions import Transaction, open_transactions
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.testing.principals import request_context

UNGUARDED = """
[server]
transport = "http"
bind = "127.0.0.1:{port}"
[run_state_store]
type = "sqlite"
path = "gate.db"
[schema_registry]
type = "sqlite"
path = "gate.db"
[time]
source = "server"
[[providers]]
name = "time"
type = "builtin"
"""
ROUNDS = 15
STEPS = 30
READS = 60
APPENDS = 30
KEYS_A_SECOND = 200
KEYS = 1_000
MAX_AGE_MS = 2_000
FLOODERS = 8
FLOODED_FROM = ("127.0.0.2", 0)
ASKED = 400
FLOODED_ROUNDS = 5
_CLI = "from decision_gate.mcp.cli.main import run; raise SystemExit(run())"


@attrs.frozen(kw_only=True)
class Caller:
    """One client of one server: where it may act, and with which key."""

    server: Server
    client: Client
    place: dict[str, int]
    bearer: str | None = None
    numbers: Iterator[int] = attrs.field(factory=lambda: count(1))

    @classmethod
    def connected(cls, server: Server, place: dict[str, int], bearer: str | None = None) -> "Caller":
        """Connect, define the scenario and start the run."""
        caller = cls(server=server, client=Client.connected(server.port), place=place, bearer=bearer)
        caller.call("scenario_define", {"spec": waiting(place["tenant_id"], place["namespace_id"])})
        run = {"run_id": "run", "scenario_id": "waiting", "dispatch_targets": [], "policy_tags": [], **place}
        started = {"kind": "unix_millis", "value": _now_ms()}
        caller.call(
            "scenario_start",
            {"scenario_id": "waiting", "run_config": run, "started_at": started, "issue_entry_packets": False},
        )
        return caller

    def call(self, tool: str, arguments: dict[str, Any]) -> bytes:
        """Call one tool and wait for the answer."""
        return self.client.exchange(request(tool, arguments, self.bearer))

    def step(self) -> None:
        """Change something: a durable step of the run."""
        asked = {
            "run_id": "run",
            "trigger_id": f"trigger-{next(self.numbers)}",
            "agent_id": "agent",
            "time": {"kind": "unix_millis", "value": _now_ms()},
            "correlation_id": None,
            **self.place,
        }
        self.call("scenario_next", {"scenario_id": "waiting", "request": asked})

    def read(self) -> None:
        """Change nothing."""
        self.call("providers_list", {})


def bench_guarded_call() -> Iterator[Outcome]:
    with scratch() as folder, guarded_server(folder) as guarded:
        (folder / "open").mkdir()
        with serving(folder / "open", UNGUARDED) as server:
            unguarded = Caller.connected(server, {"tenant_id": 3, "namespace_id": 7})
            disk = DiskAppend(folder)
            yield _mutating(guarded, unguarded)
            yield _reading(guarded, unguarded, disk)
            disk.close()


def bench_key_checks() -> Iterator[Outcome]:
    """Processor time of telling a caller by one of a thousand keys, beside that of a whole call.

    The keys come by turns at a pace at which what is known of each is too old every time, so every check asks the
    database for the key and for what its principal may do: as dear as it gets.
    """
    rounds = []
    with scratch() as folder, checked_keys(folder / "keys.db") as check:
        for _ in range(KEYS):
            check()
        with guarded_server(folder) as guarded:
            for _ in range(ROUNDS):
                used = guarded.server.cpu_ns()
                _timed(guarded.step, STEPS)
                whole = (guarded.server.cpu_ns() - used) / STEPS
                started = time.thread_time_ns()
                for _ in range(KEYS // 10):
                    check()
                rounds.append(((time.thread_time_ns() - started) / (KEYS // 10), whole))
    case = f"check of one of {KEYS:,} API keys, each looked up anew: processor time"
    yield _result(case, rounds, "server CPU of a guarded step", AtMost(0.05))


def bench_flood() -> Iterator[Outcome]:
    """The slowest of a hundred calls of somebody with a key, beside invented keys from another address."""
    with scratch() as folder, guarded_server(folder) as guarded:
        ninety_ninth(guarded.step)
        rounds = []
        for _ in range(FLOODED_ROUNDS):
            quiet = ninety_ninth(guarded.step)
            with flood(guarded.server.port) as told:
                flooded = ninety_ninth(guarded.step)
            if not told or set(told) - {401, 429, 503}:
                raise RuntimeError(f"the flood was answered {sorted(set(told))}")
            rounds.append((flooded, quiet))
    yield _result(
        f"p99 of a guarded step beside {KEYS_A_SECOND} invented keys a second", rounds, "without them", AtMost(2)
    )


@contextmanager
def guarded_server(folder: Path) -> Iterator[Caller]:
    """Bootstrap a deployment and serve it; yield somebody with its first key."""
    command = [sys.executable, "-c", _CLI, "cloud", "bootstrap", "--dir", str(folder / "cloud"), "--json"]
    made = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    config = (folder / "cloud/decision-gate.toml").read_text(encoding="utf-8")
    # Enough for a benchmark that calls as fast as it can; the listener of the administration takes any free port.
    settings = config.replace("127.0.0.1:4000", "127.0.0.1:{port}").replace(
        "127.0.0.1:4001", f"127.0.0.1:{free_port()}"
    )
    settings = settings.replace("max_requests = 1000", "max_requests = 100000")
    place = {name: made["namespace"][name] for name in ("tenant_id", "namespace_id")}
    with serving(folder / "cloud", settings) as server:
        yield Caller.connected(server, place, made["key"])


@contextmanager
def checked_keys(path: Path) -> Iterator[Callable[[], None]]:
    """Make a thousand keys of as many principals; yield what presents the next one to an authenticator."""
    settings = DatabaseSettings(path=str(path))
    admit(settings, "svc:0", [1])
    hasher = SecretHasher(most=4)
    texts = [attrs.evolve(mint(Environment.LIVE, secrets.randbelow), secret="s" * 43) for _ in range(KEYS)]
    proof = hasher.hashed(texts[0].secret)
    turns = cycle([request_context(auth_header=f"Bearer {text.spelled()}") for text in texts])
    now_ms = 0.0

    def fill(transaction: Transaction) -> None:
        for number, text in enumerate(texts):
            _add_caller(transaction, f"svc:{number}", text.key_id, proof)

    def check() -> None:
        nonlocal now_ms
        now_ms += 1.001 * MAX_AGE_MS / KEYS
        authenticator.authenticate(next(turns))

    with open_transactions(settings, [tenancy_tables(), identity_tables()]) as database:
        database.run(NoSink(), fill)
        authenticator = ApiKeyAuthenticator(
            database,
            hasher=hasher,
            failures=Failures(per_minute=60),
            max_age_ms=MAX_AGE_MS,
            clocks=Clocks(now_ms=_now_ms, monotonic_ms=lambda: now_ms),
        )
        yield check


@contextmanager
def flood(port: int) -> Iterator[list[int]]:
    """Present invented keys at a steady pace until the block ends; yields the statuses of the answers."""
    told: list[int] = []
    stop = threading.Event()

    def invent() -> None:
        began = time.perf_counter()
        for number in count(1):
            if stop.wait(max(0.0, began + number * FLOODERS / KEYS_A_SECOND - time.perf_counter())):
                return
            with socket.create_connection(("127.0.0.1", port), source_address=FLOODED_FROM) as connection:
                connection.sendall(request("providers_list", {}, mint(Environment.LIVE, secrets.randbelow).spelled()))
                told.append(int(connection.recv(65_536).split(b" ", 2)[1]))

    with ThreadPoolExecutor(FLOODERS) as flooders:
        inventing = [flooders.submit(invent) for _ in range(FLOODERS)]
        try:
            yield told
        finally:
            stop.set()
        for each in inventing:
            each.result()


def ninety_ninth(call: Callable[[], None]) -> float:
    """Return the 99th percentile of the time of many calls, in nanoseconds."""
    taken = [_timed(call, 1) for _ in range(ASKED)]
    return statistics.quantiles(taken, n=100)[98]


def _add_caller(transaction: Transaction, principal_id: str, key_id: str, secret_hash: str) -> None:
    record = PrincipalRecord(principal_id=principal_id, billing_tenant=1, name=principal_id, state=State.ACTIVE)
    people.add_principal(transaction, record)
    people.put_grant(transaction, Grant(principal_id=principal_id, tenant_id=1, roles=(TENANT_ADMIN,)))
    add_key(
        transaction,
        ApiKey(
            key_id=key_id,
            tenant_id=1,
            principal_id=principal_id,
            label="bench",
            environment=Environment.LIVE,
            secret_hash=secret_hash,
            created_at=0,
        ),
    )


def _mutating(guarded: Caller, unguarded: Caller) -> Result:
    rounds = [(_timed(guarded.step, STEPS), _timed(unguarded.step, STEPS)) for _ in range(ROUNDS + 1)][1:]
    return _result("guarded scenario_next over HTTP, sqlite", rounds, "the same without guards", AtMost(1.3))


def _reading(guarded: Caller, unguarded: Caller, disk: DiskAppend) -> Result:
    rounds = []
    for _ in range(ROUNDS):
        more = _timed(guarded.read, READS) - _timed(unguarded.read, READS)
        rounds.append((more, _timed(disk, APPENDS)))
    # A durable commit may cost 1.5 appends (bench_durable_append), and a guarded read waits for one.
    return _result(
        "guarded read over HTTP, sqlite: what it costs more", rounds, "4 KiB append + fdatasync", AtMost(1.5)
    )


def _result(case: str, rounds: list[tuple[float, float]], peer: str, goal: Goal) -> Result:
    return Result(
        case=case,
        unit=Unit.NANOSECONDS,
        ours=statistics.median(mine for mine, _ in rounds),
        peer=peer,
        peers=statistics.median(theirs for _, theirs in rounds),
        ratio=statistics.median(mine / theirs for mine, theirs in rounds),
        rounds=len(rounds),
        goal=goal,
    )


def _timed(call: Callable[[], None], times: int) -> float:
    started = time.perf_counter_ns()
    for _ in range(times):
        call()
    return (time.perf_counter_ns() - started) / times


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
