"""What a step costs at the tenth, the thousandth and the ten-thousandth step of a run: the same.

Statements, synchronisations and bytes are counted, so they say it without noise; time is compared between a long run
and short ones in the same file, by turns.
"""

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import attrs

from benching import (
    AtMost,
    Outcome,
    Result,
    Skipped,
    Unit,
    Within,
    alternate,
    counting_statements,
    counting_syncs,
    scratch,
)
from benching.engines import Driven, DrivenRun, driven
from decision_gate.core.control_plane import Work
from decision_gate.core.ports import RunKey, encode_head

KEY = RunKey(1, 1, "long")
SHORT, MIDDLE, LONG = 10, 1_000, 10_000
WINDOW = 9
STEPS_A_ROUND = 30
ROUNDS = 15


@attrs.frozen(kw_only=True)
class Counted:
    """What one step cost, the median of a few."""

    statements: float
    syncs: float | None
    record_bytes: float
    written_bytes: float


def bench_step_growth() -> Iterator[Outcome]:
    with scratch() as folder:
        path = folder / "growth.db"
        grown: dict[int, Counted] = {}
        with driven(path, 1, "normal") as engine:
            engine.run("long")
        for length in (SHORT, MIDDLE, LONG):
            _grow(path, length)
            with counting_statements() as statements, driven(path, 1) as engine:
                grown[length] = _counted(engine.found("long", length - WINDOW), statements)
        yield from _counts(grown)
        with driven(path, 1) as engine:
            yield from _times(engine)


def _grow(path: Path, length: int) -> None:
    """Let the run have its steps up to the window before *length*, fast: nothing of it is measured."""
    with driven(path, 1, "normal") as engine:
        state = engine.world.engine.runs.head(KEY)
        long = engine.found("long", 0 if state is None else state.counts.decisions)
        while long.steps < length - WINDOW:
            long()


def _counts(grown: dict[int, Counted]) -> Iterator[Outcome]:
    first = grown[SHORT]
    for length in (MIDDLE, LONG):
        now = grown[length]
        case, peer = f"step {length:,} of a run", f"step {SHORT}"
        yield Result.counted(f"{case}: statements", now.statements, peer, first.statements, Within(0))
        if now.syncs is None or first.syncs is None:
            yield Skipped(case=f"{case}: fsyncs", reason="strace is missing or may not look")
        else:
            yield Result.counted(f"{case}: fsyncs", now.syncs, peer, first.syncs, Within(0))
        yield Result.counted(
            f"{case}: bytes of records", now.record_bytes, peer, first.record_bytes, Within(48), Unit.BYTES
        )
        yield Result.counted(f"{case}: bytes written", now.written_bytes, peer, first.written_bytes, None, Unit.BYTES)


def _times(engine: Driven) -> Iterator[Outcome]:
    """Alternate the long run with the steps 10 to 40 of new ones."""
    long = engine.found("long", LONG)
    short: list[DrivenRun] = []
    numbers = count(1)

    def step_of_short_run() -> None:
        if not short or short[-1].steps >= SHORT + STEPS_A_ROUND:
            short.append(engine.run(f"short-{next(numbers)}"))
        short[-1]()

    for _ in range(SHORT):
        step_of_short_run()
    pair = alternate(long, step_of_short_run, rounds=ROUNDS, calls=STEPS_A_ROUND, clock=time.perf_counter_ns)
    yield Result(
        case=f"step {LONG:,} of a run: time, durable",
        unit=Unit.NANOSECONDS,
        peer=f"steps {SHORT} to {SHORT + STEPS_A_ROUND}",
        goal=AtMost(1.2),
        n=LONG,
        **attrs.asdict(pair),
    )


def _counted(run: DrivenRun, statements: Counter[str]) -> Counted:
    seen: list[int] = []

    def watch(work: Work) -> tuple[()]:
        head = encode_head(work.commit.head)
        seen.append(len(head) + sum(len(record.body) for record in work.commit.records))
        return ()

    said, written, syncs = [], [], []
    with counting_syncs() as synced:
        for _ in range(WINDOW):
            before = statements.total(), _written_by_us(), synced.now() if synced else 0
            run.step(watch)
            said.append(statements.total() - before[0])
            written.append(_written_by_us() - before[1])
            syncs.append((synced.now() if synced else 0) - before[2])
    return Counted(
        statements=statistics.median(said),
        syncs=statistics.median(syncs) if synced else None,
        record_bytes=statistics.median(seen),
        written_bytes=statistics.median(written),
    )


def _written_by_us() -> int:
    """Return what this process has handed to the system to write, in bytes."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
    return int(fields["wchar"])
