"""The work of ``init``: lay out a configuration, a scenario and its evidence, and touch nothing that is there."""

from importlib.resources import files
from pathlib import Path
from typing import ClassVar, Final

import orjson

from decision_gate.core.errors import CallerError
from decision_gate.mcp.config_view.schema import SCHEMA_FILE, config_schema

_STARTERS: Final = "decision_gate.mcp.cli.starters"
_PRESETS: Final = "decision_gate.mcp.cli.presets"

_OWN: Final = files(_STARTERS) / "evidence"
_DEMO: Final = files("decision_gate.mcp.cli.demo") / "release" / "before" / "reports"

STARTERS: Final = {
    "ci": (_DEMO, ("junit.xml", "coverage.xml", "scan.sarif")),
    "agent": (_OWN, ("plan.json", "tests.json", "lint.json")),
    "disclosure": (_OWN, ("reader.json",)),
    "approval": (_OWN, ("reviews.json",)),
}
"""Starters, and the evidence that each comes with: where it is bundled, and its files."""

SCENARIO: Final = "scenario.yaml"
CONFIG: Final = "decision-gate.toml"
EVIDENCE: Final = "evidence"
SCENARIO_SCHEMA: Final = ".decision-gate/scenario.short.schema.json"
CONFIG_SCHEMA: Final = f".decision-gate/{SCHEMA_FILE}"

PRESETS: Final = ("quickstart-dev", "default-recommended", "container-prod", "hardened", "ci-release-gate")
"""Configurations for the usual places to run a server (contract §6)."""


class StarterExistsError(CallerError):
    """A file that would be laid out is there already; nothing was written."""

    code: ClassVar[str] = "starter_exists"

    def __init__(self, paths: tuple[Path, ...]) -> None:
        listed = ", ".join(str(path) for path in paths)
        super().__init__(f"already there: {listed}; choose another folder, or pass --force to replace")
        self.paths = paths


def lay_out(folder: Path, starter: str, preset: str | None = None, *, is_forced: bool) -> tuple[Path, ...]:
    """Write the files of *starter* below *folder* and return them, in the order in which to read them.

    The configuration is that of *preset*, or the plain one of a server for this machine.

    Raises:
        StarterExistsError: One is there and *is_forced* is not set.
        OSError: The folder cannot be written.
    """
    contents = _contents(starter, preset)
    targets = {folder / name: content for name, content in contents.items()}
    taken = tuple(path for path in targets if path.exists())
    if taken and not is_forced:
        raise StarterExistsError(taken)
    for path, content in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tuple(targets)


def _contents(starter: str, preset: str | None) -> dict[str, bytes]:
    bundled = files(_STARTERS)
    preset_file = files(_PRESETS) / f"{preset}.toml"
    contents = {
        SCENARIO: (bundled / f"{starter}.yaml").read_bytes(),
        CONFIG: (bundled / CONFIG if preset is None else preset_file).read_bytes(),
    }
    evidence, names = STARTERS[starter]
    for name in names:
        contents[f"{EVIDENCE}/{name}"] = (evidence / name).read_bytes()
    contents[CONFIG_SCHEMA] = orjson.dumps(config_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    contents[SCENARIO_SCHEMA] = (files("decision_gate.mcp.authoring") / "scenario.short.schema.json").read_bytes()
    return contents
