"""Fuzz every target, coverage-guided (atheris, libFuzzer), for some time or until nothing new is found.

Run as ``python3 scripts/dev.py run fuzz [--seconds N] [--until-quiet N] [--keep] [target …]``. It starts from the
committed corpus in ``scripts/fuzzing/corpus``, keeps what it learns in ``.dev/fuzz`` and exits with 1 when a target
failed; the input that did it is named, and belongs into the corpus together with its fix. ``--until-quiet 600`` goes on
until no new edge was seen for ten minutes; ``--keep`` then adds to the committed corpus the fewest inputs that reach
what it does not reach yet.
"""

import argparse
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
CORPUS: Final = ROOT / "scripts/fuzzing/corpus"
LEARNT: Final = ROOT / ".dev/fuzz"
SECONDS: Final = 20
MAX_INPUT_BYTES: Final = 65_536
MAX_KEPT_BYTES: Final = 8_192
"""Longest input that ``--keep`` adds: the corpus is read by people and run by every test run."""
ONE_INPUT_SECONDS: Final = 60
"""An input that takes so long is a finding; generous, because a machine may be busy with other work."""
MEMORY_MB: Final = 2_048

_PROGRESS: Final = re.compile(r"#(\d+)\s+[A-Za-z]+\s+cov: (\d+)")
"""How libFuzzer reports: executions so far, and the edges that they reached together."""


class Progress:
    """What one target has reached, as far as libFuzzer has told; the clock is an argument."""

    def __init__(self, now: float) -> None:
        self.executions = 0
        self.edges = 0
        self._begun = now
        self._last_new = now

    def hear(self, line: str, now: float) -> None:
        """Take note of one line of libFuzzer."""
        if found := _PROGRESS.match(line):
            self.executions = int(found[1])
            if int(found[2]) > self.edges:
                self.edges = int(found[2])
                self._last_new = now

    def quiet(self, now: float) -> float:
        """Return the seconds since the last new edge."""
        return now - self._last_new

    def summary(self, now: float) -> str:
        """Say what was reached."""
        return (
            f"{self.executions} executions, {self.edges} edges, {self.quiet(now):.0f} s since the last new edge, "
            f"{now - self._begun:.0f} s in all"
        )


def command(name: str, *options: str) -> list[str]:
    """Return the call of libFuzzer for one target, without its folders."""
    common = (f"-rss_limit_mb={MEMORY_MB}", f"-timeout={ONE_INPUT_SECONDS}", "-print_final_stats=0")
    return [sys.executable, "-m", "fuzzing.one", name, *common, *options]


def environment() -> dict[str, str]:
    """Return this process's environment in which the targets can be imported."""
    paths = os.pathsep.join(filter(None, (str(ROOT / "scripts"), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": paths}


@contextmanager
def ended_in_time(process: "subprocess.Popen[str]", progress: Progress, quiet: int | None) -> Iterator[None]:
    """End *process* as soon as it has been quiet for *quiet* seconds; never for None."""
    over = threading.Event()

    def watch() -> None:
        while quiet is not None and not over.wait(1):
            if progress.quiet(time.monotonic()) >= quiet:
                process.send_signal(signal.SIGUSR1)  # libFuzzer ends after the input it is at, with status 0
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def fuzz(name: str, seconds: int | None, quiet: int | None) -> int:
    """Fuzz one target for at most *seconds*, print what it reached and return the exit status of libFuzzer."""
    learnt = LEARNT / name
    learnt.mkdir(parents=True, exist_ok=True)
    options = (
        f"-max_total_time={seconds or 0}",
        f"-max_len={MAX_INPUT_BYTES}",
        f"-artifact_prefix={learnt.as_posix()}-",
        "-verbosity=1",
    )
    progress = Progress(time.monotonic())
    with (
        subprocess.Popen(
            [*command(name, *options), str(learnt), str(CORPUS / name)],
            cwd=ROOT,
            env=environment(),
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as process,
        ended_in_time(process, progress, quiet),
    ):
        for line in process.stderr or ():
            progress.hear(line, time.monotonic())
            if not line.startswith(("#", "INFO", "WARNING", "\tNEW_FUNC")):
                sys.stderr.write(line)
    print(f"{name}: {progress.summary(time.monotonic())}", flush=True)
    return process.returncode


def keep(name: str) -> None:
    """Add to the committed corpus the fewest learnt inputs that reach the edges which it does not reach."""
    options = ("-set_cover_merge=1", "-use_counters=0", f"-max_len={MAX_KEPT_BYTES}", "-verbosity=0")
    folders = (str(CORPUS / name), str(LEARNT / name))
    before = len(list((CORPUS / name).iterdir()))
    program = LEARNT / f"{name}.sh"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command(name))} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    with_program = environment() | {"FUZZ_PROGRAM": str(program)}
    subprocess.run([*command(name, *options), *folders], cwd=ROOT, env=with_program, check=True)
    print(f"{name}: {len(list((CORPUS / name).iterdir())) - before} inputs kept", flush=True)


def main(arguments: list[str]) -> int:
    """Fuzz the targets named in *arguments*, all of them without a name; return 1 when one failed."""
    names = sorted(path.name for path in CORPUS.iterdir())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="target", help=f"one or more of {', '.join(names)}")
    parser.add_argument(
        "--seconds", type=int, help=f"at most, for each target (default: {SECONDS}, or no end with --until-quiet)"
    )
    parser.add_argument("--until-quiet", type=int, metavar="N", help="go on until no new edge was seen for N seconds")
    parser.add_argument("--keep", action="store_true", help="add what was learnt to the committed corpus, minimised")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.targets) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    seconds = SECONDS if chosen.seconds is None and chosen.until_quiet is None else chosen.seconds
    failed = []
    for name in chosen.targets or names:
        if fuzz(name, seconds, chosen.until_quiet):
            failed.append(name)
        elif chosen.keep:
            keep(name)
    print(f"failed: {', '.join(failed)}" if failed else "no findings")
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
