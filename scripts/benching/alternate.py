"""Timing two callables by turns, so that what the machine does beside them hits both."""

import gc
import importlib
import statistics
import time
from collections.abc import Callable
from itertools import repeat
from types import ModuleType

import attrs

ROUNDS = 11
ROUND_NS = 4_000_000
"""How long one side of a round takes at least."""

MAX_CALLS = 200_000


@attrs.frozen(kw_only=True)
class Pair:
    """Medians of one call each in nanoseconds, and the median of the rounds' ratios, ours to the peer's."""

    ours: float
    peers: float
    ratio: float
    rounds: int


def alternate(
    ours: Callable[[], object],
    peer: Callable[[], object],
    *,
    rounds: int = ROUNDS,
    clock: Callable[[], int] = time.thread_time_ns,
    calls: int | None = None,
) -> Pair:
    """Time *ours* and *peer* by turns.

    The clock is the thread's CPU time unless told otherwise: right for pure code on a busy machine, wrong for what
    waits for a disk. *calls* a round are counted out so that a round is long enough, unless given.
    """
    sides = (ours, peer)
    counts = [calls or _calls_for(side, clock) for side in sides]
    gc.collect()
    taken = [[_round(side, count, clock) for side, count in zip(sides, counts, strict=True)] for _ in range(rounds)]
    return Pair(
        ours=statistics.median(mine for mine, _ in taken),
        peers=statistics.median(theirs for _, theirs in taken),
        ratio=statistics.median(mine / theirs for mine, theirs in taken),
        rounds=rounds,
    )


def peer_module(name: str) -> ModuleType | None:
    """Return the module of a peer, none when it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _calls_for(side: Callable[[], object], clock: Callable[[], int]) -> int:
    side()
    calls = 1
    while calls < MAX_CALLS:
        taken = _round(side, calls, clock) * calls
        if taken >= ROUND_NS:
            break
        calls = min(MAX_CALLS, calls * max(2, int(ROUND_NS / max(taken, 1)) + 1))
    return calls


def _round(side: Callable[[], object], calls: int, clock: Callable[[], int]) -> float:
    started = clock()
    for _ in repeat(None, calls):
        side()
    return (clock() - started) / calls
