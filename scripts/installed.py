"""Run the system tests against the built wheels, installed as a user installs them.

Usage: ``python scripts/installed.py [--reports FOLDER] [PYTEST ARGUMENT ...]``, by ``python3 scripts/dev.py run
test:installed``, which builds the wheels first.

The tests themselves run in this environment. Every server and command that they start comes from an environment of
wheels alone: ours, and those of other people's plug-ins (the scripted provider, ``examples/plugin``). It knows nothing
of the checkout.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from check_wheels import ROOT, check, install, wheels_of

HOME = ROOT / ".dev/installed"
SUITES = (
    ("system-tests", ("core", "mcp")),
    ("enterprise-system-tests", ("core", "mcp", "enterprise")),
)
PLUGINS = (ROOT / "system-tests/scripted-provider", ROOT / "examples/plugin")
VARIABLE = "DG_TEST_INSTALLED"
PYTEST = (
    "-m",
    "pytest",
    "-n",
    "auto",
    "--maxprocesses=4",
    "--hypothesis-profile=ci",
    "-m",
    "not services and not chaos",
)


def main(arguments: list[str]) -> int:
    """Run every suite whose wheels there are; return the status of the first one that failed."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--reports", type=Path, help="folder for one JUnit report a suite")
    given, rest = parser.parse_known_args(arguments)
    shutil.rmtree(HOME, ignore_errors=True)
    status = 0
    for suite, parts in SUITES:
        wheels = wheels_of(parts)
        if wheels is None:
            continue
        home = HOME / suite
        install(home, [*wheels, *PLUGINS])
        check(home, parts)
        report = [] if given.reports is None else [f"--junitxml={given.reports / suite}.xml"]
        # What the caller can import must not be what a server imports.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [sys.executable, *PYTEST, *report, f"{suite}/tests", *rest]
        done = subprocess.run(command, cwd=ROOT, env=environment | {VARIABLE: str(home)}, check=False)
        status = status or done.returncode
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
