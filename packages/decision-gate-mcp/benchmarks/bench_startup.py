"""What a process pays before it does anything, against a bare interpreter that imports what we stand on.

``gate`` judges the example that a CI job would run; its interpreter start and imports are part of the price.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from benching import Below, Goal, Outcome, Result, Skipped, Unit, alternate

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples/ci-gate"
ROUNDS = 9
COMMAND = "from decision_gate.mcp.cli.main import run; raise SystemExit(run())"


def bench_startup() -> Iterator[Outcome]:
    attrs_and_orjson = _process("-c", "import attrs, orjson")
    bare = _process("-c", "pass")
    core = _process("-c", "import decision_gate.core")
    facade = _process("-c", "from decision_gate.core import evaluate")
    yield _compared("import decision_gate.core", core, "import attrs, orjson", attrs_and_orjson, None)
    yield _compared("import decision_gate.core", core, "python -c pass", bare, Below(120_000_000, "120 ms"))
    yield _compared("from decision_gate.core import evaluate", facade, "import attrs, orjson", attrs_and_orjson, None)
    yield _compared("decision-gate --help", _process("-c", COMMAND, "--help"), "python -c pass", bare, None)
    yield _compared("decision-gate --version", _process("-c", COMMAND, "--version"), "python -c pass", bare, None)
    scenario = next(iter(sorted(EXAMPLE.glob("*.yaml"))), None)
    if scenario is None:
        yield Skipped(case="decision-gate gate examples/ci-gate", reason="the example is not there")
        return
    gate = _process("-c", COMMAND, "gate", str(scenario), "--root", str(EXAMPLE))
    yield _compared("decision-gate gate examples/ci-gate", gate, "python -c pass", bare, Below(500_000_000, "500 ms"))


def _process(*arguments: str) -> Callable[[], object]:
    def start() -> object:
        return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)

    return start


def _compared(
    case: str, ours: Callable[[], object], peer: str, theirs: Callable[[], object], goal: Goal | None
) -> Outcome:
    pair = alternate(ours, theirs, rounds=ROUNDS, calls=1, clock=time.perf_counter_ns)
    return Result(case=case, unit=Unit.NANOSECONDS, peer=peer, goal=goal, **attrs.asdict(pair))
