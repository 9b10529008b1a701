#!/usr/bin/env python3
"""Run a project command on a machine that has only Python 3.11 or newer.

Usage: ``python3 scripts/dev.py run test``, ``… build``, or any other hatch arguments.

The first call installs the pinned hatch into ``.dev/``; every later call only hands over to it. The working
directory is always the repository root, because hatch finds its root by ``hatch.toml`` there and ours has
no ``pyproject.toml``. Every package that hatch then installs is pinned by ``scripts/constraints.txt``.

Debian splits ``ensurepip`` off into python3-venv, so a bare Debian ``python3`` cannot fill a virtual
environment by itself. The door installs the two missing packages when it may (root, apt-get), and otherwise
says which they are.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".dev"
HATCH_PINS = ROOT / "scripts/hatch.txt"
CONSTRAINTS = ROOT / "scripts/constraints.txt"
DEBIAN_PACKAGES = ("python3-venv", "ca-certificates")
APT_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", *DEBIAN_PACKAGES)
HELP = f"""\
This Python cannot create a virtual environment: it has no ensurepip.
On Debian and Ubuntu, as root:  apt-get update && {" ".join(APT_INSTALL)}
"""

# Wheels carry this time for every file, so that their bytes depend on the sources alone.
SOURCE_DATE_EPOCH = "1767225600"


def ensure_python() -> None:
    """Stop on a Python that is too old or cannot make environments; complete a Debian one where we may."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the door is what tells the owner of an older Python
        raise SystemExit(f"Decision Gate needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if find_spec("ensurepip"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get") or "DEV_APT_DONE" in os.environ:
        raise SystemExit(HELP)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "DEV_APT_DONE": "1"}
    print("installing", *DEBIAN_PACKAGES, file=sys.stderr)
    for command in (["apt-get", "update"], list(APT_INSTALL)):
        patient = [*command, "-qq", "-o", "Acquire::Retries=5"]
        done = subprocess.run(patient, env=environment, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"{done.stderr.decode(errors='replace')}{HELP}")
    # A new process, since this one has read the standard library's folder before ensurepip was there.
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606 - no shell is the point


def ensure_hatch() -> Path:
    """Return the folder of the pinned hatch and uv, installing them when absent or pinned anew."""
    pins = HATCH_PINS.read_bytes()
    home = HOME / "hatch"
    marker = home / "pins.txt"
    if not marker.exists() or marker.read_bytes() != pins:
        venv.create(home, with_pip=True, clear=True)
        pip = [str(home / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "--requirement", str(HATCH_PINS)], check=True)
        marker.write_bytes(pins)  # last: an interrupted installation is repeated
    return home / "bin"


def environment_for(tools: Path) -> dict[str, str]:
    """Return the environment hatch runs in: its own folders, the pinned uv, the pinned packages."""
    return {
        "HATCH_DATA_DIR": str(HOME / "data"),
        "HATCH_CACHE_DIR": str(HOME / "cache"),
        "HATCH_ENV_TYPE_VIRTUAL_UV_PATH": str(tools / "uv"),
        "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH,
        "UV_CONSTRAINT": str(CONSTRAINTS),
        "UV_BUILD_CONSTRAINT": str(CONSTRAINTS),
    } | os.environ


def forget_stale_environments(hatch: Path, environment: dict[str, str]) -> None:
    """Drop all environments when what they were made from has changed.

    Hatch compares names and ranges only: it would miss a new entry point, a new pin and a removed package.
    """
    sources = [ROOT / "hatch.toml", CONSTRAINTS, *sorted(ROOT.glob("*/decision-gate-*/pyproject.toml"))]
    state = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()
    marker = HOME / "environments.sha256"
    known = marker.read_text(encoding="ascii") if marker.exists() else None
    if known != state:
        if known is not None:
            subprocess.run([str(hatch), "env", "prune"], cwd=ROOT, env=environment, check=True)
        marker.write_text(state, encoding="ascii")


def commands(arguments: list[str]) -> list[list[str]]:
    """Return the hatch calls that *arguments* stand for: themselves, but for four.

    ``run decision-gate`` works in the folder of the caller, whose files it is about. ``build`` makes the wheels and
    sdists of all distributions and proves that they install and import. ``run test:installed`` makes them as well, and
    never tests what is older than its sources. ``run fuzz`` has an environment of its own.
    """
    if arguments[:2] == ["run", "decision-gate"]:
        return [["run", "python", "-P", "scripts/run_here.py", str(Path.cwd()), *arguments[1:]]]
    if arguments[:2] == ["run", "fuzz"]:
        return [["run", "fuzz:all", *arguments[2:]]]
    if arguments == ["build"] or arguments[:2] == ["run", "test:installed"]:
        shutil.rmtree(ROOT / "dist", ignore_errors=True)  # hatch's --clean empties it anew for each distribution
        return [["build", "--all"], ["run", "wheels:check"] if arguments == ["build"] else arguments]
    return [arguments]


def main(arguments: list[str]) -> int:
    """Hand *arguments* to hatch and return its exit status."""
    ensure_python()
    tools = ensure_hatch()
    hatch = tools / "hatch"
    environment = environment_for(tools)
    forget_stale_environments(hatch, environment)
    for command in commands(arguments):
        status = subprocess.run([str(hatch), *command], cwd=ROOT, env=environment, check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
