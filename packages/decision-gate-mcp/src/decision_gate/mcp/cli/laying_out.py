"""The work of ``init``: lay out a configuration, a scenario and its evidence, and touch nothing that is there."""

from importlib.resources import files
from pathlib import Path
from typing import ClassVar, Final

from decision_gate.core.errors import CallerError

STARTERS: Final = {
    "ci": ("tests.json", "coverage.json"),
    "agent": ("plan.json", "tests.json", "lint.json"),
    "disclosure": ("reader.json",),
    "approval": ("reviews.json",),
}
"""Starters and the evidence that each comes with."""

SCENARIO: Final = "scenario.yaml"
CONFIG: Final = "decision-gate.toml"
EVIDENCE: Final = "evidence"
SCHEMA: Final = ".decision-gate/scenario.short.schema.json"

_PACKAGE: Final = "decision_gate.mcp.cli.starters"


class StarterExistsError(CallerError):
    """A file that would be laid out is there already; nothing was written."""

    code: ClassVar[str] = "starter_exists"

    def __init__(self, paths: tuple[Path, ...]) -> None:
        listed = ", ".join(str(path) for path in paths)
        super().__init__(f"already there: {listed}; choose another folder, or pass --force to replace")
        self.paths = paths


def lay_out(folder: Path, starter: str, *, is_forced: bool, has_config: bool = True) -> tuple[Path, ...]:
    """Write the files of *starter* below *folder* and return them, in the order in which to read them.

    Raises:
        StarterExistsError: One is there and *is_forced* is not set.
        OSError: The folder cannot be written.
    """
    contents = _contents(starter, has_config=has_config)
    targets = {folder / name: content for name, content in contents.items()}
    taken = tuple(path for path in targets if path.exists())
    if taken and not is_forced:
        raise StarterExistsError(taken)
    for path, content in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tuple(targets)


def _contents(starter: str, *, has_config: bool) -> dict[str, bytes]:
    bundled = files(_PACKAGE)
    contents = {SCENARIO: (bundled / f"{starter}.yaml").read_bytes()}
    if has_config:
        contents[CONFIG] = (bundled / CONFIG).read_bytes()
    for name in STARTERS[starter]:
        contents[f"{EVIDENCE}/{name}"] = (bundled / EVIDENCE / name).read_bytes()
    contents[SCHEMA] = (files("decision_gate.mcp.authoring") / "scenario.short.schema.json").read_bytes()
    return contents
