"""One run as a list of calls, to be told in every way there is: whoever tells it, the same bytes must come of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import documents

RUN = ("tea", "run-1")

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("scenario_define", {"spec": documents.two_stages()}),
    ("scenario_start", documents.start("tea", "run-1")),
    ("scenario_submit", documents.submission("tea", "run-1", "s-1", {"n": 1, "big": 2**63, "f": 1.0, "é": None})),
    ("scenario_next", documents.step("tea", "run-1", "too-early", 1)),
    ("scenario_next", documents.step("tea", "run-1", "in-the-dark", 2)),
    ("scenario_next", documents.step("tea", "run-1", "t-3", 3)),
    ("scenario_next", documents.step("tea", "run-1", "t-3", 4)),
    ("scenario_trigger", documents.tick("tea", "run-1", "t-4", 4)),
    ("scenario_status", documents.status("tea", "run-1")),
]

Call = Callable[[str, Any], Any]
"""Calls a tool and returns its result."""


def tell(call: Call, calls: list[tuple[str, dict[str, Any]]] = CALLS) -> None:
    """Make all calls, one after another."""
    for tool, arguments in calls:
        call(tool, arguments)


def exported(call: Call, folder: Path) -> dict[str, bytes]:
    """Export the run and return its pack: the bytes of every file by its path."""
    report = call("runpack_export", documents.export(*RUN, str(folder)))["report"]
    if report["status"] != "pass":
        raise AssertionError(report)
    return files(folder)


def files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below *folder*."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
