"""Make the distribution here visible on PYTHONPATH, as an installer would; `pip install .` is the way in earnest."""

import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
metadata = Path(f"{project['name'].replace('-', '_')}-{project['version']}.dist-info")
metadata.mkdir(exist_ok=True)
(metadata / "METADATA").write_text(
    f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8"
)
lines = []
for group, entries in project["entry-points"].items():
    lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())]
(metadata / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
