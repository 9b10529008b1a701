"""Audit pinned packages for known vulnerabilities, into a report that the gate reads.

Usage: ``python3 scripts/audit.py <constraints> <report>``. It asks the package index about every pinned package, so it
is only done when somebody asks for it (``CI_AUDIT=1 .ci/run``). pip-audit lives in an environment of its own, so that
its many dependencies are none of ours. What it finds is for the gate to judge: only an audit that did not happen fails.
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".dev/audit"
TOOL = "pip-audit==2.10.1"


def ensure_tool() -> Path:
    """Return the installed pip-audit, installing it when absent."""
    tool = HOME / "bin/pip-audit"
    if not tool.exists():
        venv.create(HOME, with_pip=True, clear=True)
        pip = [str(HOME / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", TOOL]
        subprocess.run(pip, check=True)
    return tool


def main(constraints: str, report: str) -> int:
    """Write the report and return 0, unless there is none."""
    Path(report).unlink(missing_ok=True)
    options = ["--requirement", constraints, "--no-deps", "--disable-pip", "--format", "json", "--output", report]
    subprocess.run([str(ensure_tool()), *options], check=False)
    return 0 if Path(report).exists() else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
