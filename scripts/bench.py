"""Run the benchmarks and print one Markdown table; write one JSON line a case.

Run as ``python3 scripts/dev.py run bench``. Arguments choose files by a part of their name. Every case alternates with
a peer in one process or counts something, so a busy machine moves both sides; absolute times only tell. The exit
status is 0 whatever the figures, unless ``--gate`` asks for 1 when a ratio misses its goal by more than 30 %; it is 1
when a case breaks.
"""

import argparse
import gc
import importlib.util
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benching import Broken, Outcome, Result, Skipped
from decision_gate.core.json import plain

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = ("case", "ours", "peer", "ratio", "target", "")
LINES = ROOT / ".dev/bench.jsonl"

Bench = Callable[[], Iterable[Outcome]]


def files(root: Path, chosen: list[str]) -> list[Path]:
    """Return the benchmark files of all distributions, those whose name holds one of *chosen* if any is given."""
    found = sorted(root.glob("*/decision-gate-*/benchmarks/bench_*.py"))
    return [path for path in found if not chosen or any(part in path.stem for part in chosen)]


def benches(path: Path) -> list[Bench]:
    """Return the functions ``bench_…`` of one file, in its order."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(path.as_posix())
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # attrs looks its classes' module up
    spec.loader.exec_module(module)
    return [function for name, function in vars(module).items() if name.startswith("bench_") and callable(function)]


def outcomes(paths: list[Path]) -> Iterator[Outcome]:
    """Run the files one after another; what is alive before a case does not weigh on its garbage collections.

    A file that breaks ends there, and the others are run.
    """
    for path in paths:
        started = time.monotonic()
        try:
            for bench in benches(path):
                gc.collect()
                gc.freeze()
                yield from bench()
        except Exception as error:  # noqa: BLE001 - whatever it was, it is told and the others are run
            yield Broken(case=path.stem, reason=f"{type(error).__name__}: {error}")
        print(f"{path.stem}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def row(cells: Iterable[str]) -> str:
    """Return one line of the table."""
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Run what *arguments* choose and return the exit status."""
    parser = argparse.ArgumentParser(prog="run bench", description=__doc__)
    parser.add_argument("chosen", nargs="*", help="part of a file name, such as canonical_json")
    parser.add_argument("--gate", action="store_true", help="fail when a ratio misses its goal by more than 30 %%")
    parser.add_argument("--lines", type=Path, default=LINES, help="where the JSON lines go")
    options = parser.parse_args(arguments)
    options.lines.parent.mkdir(parents=True, exist_ok=True)
    unfinished: list[Skipped | Broken] = []
    is_far_off = False
    print(row(HEADINGS))
    print(row("---" for _ in HEADINGS))
    with options.lines.open("wb") as lines:
        for outcome in outcomes(files(ROOT, options.chosen)):
            if not isinstance(outcome, Result):
                unfinished.append(outcome)
                continue
            print(row(outcome.cells()), flush=True)
            lines.write(plain(outcome.line()) + b"\n")
            is_far_off |= outcome.is_far_off
    for each in unfinished:
        print(f"\n{each.word} {each.case}: {each.reason}")
    is_broken = any(isinstance(each, Broken) for each in unfinished)
    return int(is_broken or (options.gate and is_far_off))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
