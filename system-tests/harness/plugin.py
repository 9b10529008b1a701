"""Install the plug-ins of the tests where servers of the tests find them, and nobody else does."""

import shutil
import tomllib
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "scripted-provider"
DISTRIBUTION = "scripted-provider"


def install_plugins(folder: Path) -> Path:
    """Write modules and metadata into *folder* as an installer does, and return it for ``PYTHONPATH``.

    The metadata is made from ``pyproject.toml`` at every run, so that it is never older than its source.
    """
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shutil.copytree(SOURCE / "scripted", folder / "scripted", ignore=shutil.ignore_patterns("__pycache__"))
    metadata = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    head = f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n"
    (metadata / "METADATA").write_text(head, encoding="utf-8")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()), ""]
    (metadata / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder
