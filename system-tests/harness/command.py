"""Run the installed command and read what it says."""

import subprocess
from pathlib import Path

from harness.process import command_line

LIMIT_S = 120


def decision_gate(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run ``decision-gate`` in *folder* to its end; its exit status is a result, not an error."""
    return subprocess.run(  # noqa: S603 - our own command line
        [command_line(), *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )
