"""Change one thing in the source at a time and see whether a test notices; print what nobody noticed.

Run as ``python3 scripts/dev.py run mutate [--seconds N] [--skip N] [--module part …]``. Mutants live in memory only,
each in a forked process that runs the tests until the first failure: those of the module, then all of its group. First
the code of functions is exchanged in a process that has loaded everything; what nobody notices there is tried again
with everything imported anew. They come in an order that the source decides, so a limited run is a fair sample, the
next one repeats it, and one with ``--skip`` goes on where it ended. What survives is listed with its reason in
``docs/explanation/mutation.md``, or gets a test. Needs ``fork``.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

from mutating.mutants import CORE, SOURCE, mutants
from mutating.reloaded import is_noticed
from mutating.swapped import QuickTests

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "logic": ("logic", "codec", "analysis/test_explain.py", "engine"),
    "comparators": ("comparators", "engine"),
    "engine": ("engine", "control_plane"),
    "json": ("json", "codec", "comparators", "fuzz/test_documents.py"),
    "codec": ("codec", "fuzz/test_documents.py", "control_plane"),
    "model": ("codec", "fuzz/test_documents.py", "engine", "control_plane", "runpack/test_export.py"),
    "runpack": ("runpack",),
    "analysis": ("analysis",),
    "control_plane": ("control_plane", "engine"),
    "evaluation": ("test_evaluation.py",),
    "hashing": ("test_hashing.py", "codec"),
    "ids": ("codec", "engine"),
    "integers": ("json", "codec", "comparators"),
    "timestamps": ("test_timestamps.py", "codec"),
    "records": ("test_records.py", "engine"),
    "memory": ("memory", "control_plane"),
    "ports": ("ports", "memory", "control_plane"),
}
"""Where mutants are made, below ``SOURCE``, and the tests that must notice them, below the tests of the core."""


def tests_of(path: Path) -> tuple[str, ...]:
    """Return the tests of a file, the nearest first; none when mutants are not made of it."""
    relative = path.relative_to(SOURCE)
    name = relative.with_suffix("").as_posix()
    folder = CORE / "tests"
    for group, tests in GROUPS.items():
        if name == group or name.startswith(f"{group}/"):
            nearest = folder / relative.with_name(f"test_{relative.name}")
            return tuple(str(test) for test in (nearest, *(folder / test for test in tests)) if test.exists())
    return ()


def main(arguments: list[str]) -> int:
    """Run a sample of all mutants and print the survivors; return 1 when a group's tests fail without any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600, help="for all mutants together (default: %(default)s)")
    parser.add_argument("--module", action="append", default=[], help="only files whose path holds this; repeatable")
    parser.add_argument("--skip", type=int, default=0, help="leave out that many, which an earlier run has tried")
    chosen = parser.parse_args(arguments)
    files = [
        path
        for path in sorted(SOURCE.rglob("*.py"))
        if path.name != "__init__.py"
        and tests_of(path)
        and (not chosen.module or any(part in path.as_posix() for part in chosen.module))
    ]
    for tests in {tests_of(path) for path in files}:
        if is_noticed(None, tests):
            print(f"these tests fail without any mutant: {tests}")
            return 1
    queue = sorted((mutant for path in files for mutant in mutants(path)), key=lambda mutant: mutant.rank)
    deadline = time.monotonic() + chosen.seconds
    tried: Counter[str] = Counter()
    survived: Counter[str] = Counter()
    with QuickTests(queue) as quick:
        for number, mutant in enumerate(queue[chosen.skip :], start=chosen.skip):
            if time.monotonic() > deadline:
                break
            tried[mutant.room] += 1
            tests = tests_of(mutant.path)
            if not quick.notices(number, tests) and not is_noticed(mutant, tests):
                survived[mutant.room] += 1
                print(f"survived: {mutant}", flush=True)
    made = Counter(mutant.room for mutant in queue)
    for room, number in sorted(made.items()):
        noticed = tried[room] - survived[room]
        print(f"{room}: {tried[room]} of {number} mutants tried, {noticed} noticed, {survived[room]} survived")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
