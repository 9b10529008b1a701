"""Fuzz every target for a bounded time, coverage-guided (atheris, libFuzzer).

Run as ``python3 scripts/dev.py run fuzz [--seconds N] [target …]``. It starts from the committed corpus in
``scripts/fuzzing/corpus``, keeps what it learns in ``.dev/fuzz`` and exits with 1 when a target failed; the input that
did it is named, and belongs into the corpus together with its fix.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "scripts/fuzzing/corpus"
LEARNT = ROOT / ".dev/fuzz"
SECONDS = 20
MAX_INPUT_BYTES = 65_536
ONE_INPUT_SECONDS = 10
MEMORY_MB = 2_048


def fuzz(name: str, seconds: int) -> int:
    """Fuzz one target and return the exit status of libFuzzer."""
    learnt = LEARNT / name
    learnt.mkdir(parents=True, exist_ok=True)
    options = (
        f"-max_total_time={seconds}",
        f"-max_len={MAX_INPUT_BYTES}",
        f"-timeout={ONE_INPUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-artifact_prefix={learnt.as_posix()}-",
        "-print_final_stats=0",
        "-verbosity=0",
    )
    command = [sys.executable, "-m", "fuzzing.one", name, *options, str(learnt), str(CORPUS / name)]
    paths = os.pathsep.join(filter(None, (str(ROOT / "scripts"), os.environ.get("PYTHONPATH"))))
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": paths}, check=False).returncode


def main(arguments: list[str]) -> int:
    """Fuzz the targets named in *arguments*, all of them without a name; return 1 when one failed."""
    names = sorted(path.name for path in CORPUS.iterdir())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="target", help=f"one or more of {', '.join(names)}")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each target (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.targets) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    failed = []
    for name in chosen.targets or names:
        print(f"{name}: {chosen.seconds} s", flush=True)
        if fuzz(name, chosen.seconds):
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "no findings")
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
