"""What the server adds to its web framework: calls of ``/rpc`` with authentication and audit on, in memory.

The peer is Starlette and orjson alone, which read the call and answer it with the same value, in a process of its own.
What is compared is the processor time of the two servers a call, under sixteen connections.
"""

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benching import AtMost, Goal, Outcome, Result, Unit, scratch
from benching.servers import Server, free_port, program_of, request, running, serving
from benching.steps import BEARER, GUARDED, Traffic, define, step, timed
from decision_gate.core.json import plain

CLIENTS = 16
EACH = 40
ROUNDS = 11
CONDITIONS = 3


def bench_calls() -> Iterator[Outcome]:
    with scratch() as folder, serving(folder, GUARDED) as server:
        listing = request("providers_list", {}, BEARER)
        yield _against_starlette(
            "providers_list", server, listing, lambda: timed(server, [[listing] * EACH] * CLIENTS), AtMost(2)
        )
        define(server, CONDITIONS, BEARER)
        traffic = Traffic(server, CLIENTS, BEARER)
        asked = step(traffic.runs[0], 1_000_000, BEARER)
        case = f"scenario_next in memory, conditions: {CONDITIONS}"
        yield _against_starlette(case, server, asked, lambda: traffic.steps(EACH), AtMost(6))


def _against_starlette(
    case: str, server: Server, call: bytes, ours: Callable[[], tuple[float, float]], goal: Goal
) -> Outcome:
    answer = server.ask(call)
    with scratch() as folder, _starlette(folder, answer["result"]["content"][0]["json"]) as peer:
        assert peer.ask(call) == answer
        ours()
        taken = [(ours()[1], timed(peer, [[call] * EACH] * CLIENTS)[1]) for _ in range(ROUNDS)]
    return Result(
        case=f"/rpc {case}: server CPU a call",
        unit=Unit.NANOSECONDS,
        ours=statistics.median(mine for mine, _ in taken),
        peer="Starlette + orjson alone",
        peers=statistics.median(theirs for _, theirs in taken),
        ratio=statistics.median(mine / theirs for mine, theirs in taken),
        rounds=ROUNDS,
        goal=goal,
    )


@contextmanager
def _starlette(folder: Path, value: object) -> Iterator[Server]:
    path, port = folder / "value.json", free_port()
    path.write_bytes(plain(value))
    with running([*program_of("starlette_server"), str(port), str(path)], port, folder) as peer:
        yield peer
