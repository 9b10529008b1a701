"""Install the plug-ins of the tests where servers of the tests find them, and nobody else does."""

import os
import shutil
import tomllib
from pathlib import Path

from harness.process import INSTALLED

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = (ROOT / "system-tests/scripted-provider", ROOT / "examples/plugin")


def install_plugins(folder: Path) -> dict[str, str]:
    """Return the environment in which servers find the plug-ins; wheels in ``DG_TEST_INSTALLED`` need none.

    Otherwise modules and metadata are written into *folder* as an installer does. The metadata is made from
    ``pyproject.toml`` at every run, so that it is never older than its source.
    """
    if INSTALLED in os.environ:
        return {}
    for source in SOURCES:
        _install(source, folder)
    return {"PYTHONPATH": str(folder)}


def _install(source: Path, folder: Path) -> None:
    declared = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
    project = declared["project"]
    (package,) = declared["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    shutil.copytree(source / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    metadata = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    head = f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n"
    (metadata / "METADATA").write_text(head, encoding="utf-8")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()), ""]
    (metadata / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
