"""Write the two pin files, ``scripts/hatch.txt`` and ``scripts/constraints.txt``.

Run as ``python3 scripts/dev.py run pin`` after a change of dependencies; ``--upgrade`` moves every pin to
the newest version its range allows, otherwise only what must move does. Names, versions, hashes: never the
address of a registry.
"""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HATCH = "hatch==1.18.2"
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
)


def requirements(root: Path) -> Iterator[str]:
    """Yield what hatch.toml and the distributions below *root* ask for, our own left out."""
    workspace = tomllib.loads((root / "hatch.toml").read_text(encoding="utf-8"))
    for environment in workspace.get("envs", {}).values():
        yield from environment.get("dependencies", ())
        yield from environment.get("extra-dependencies", ())
    for path in sorted(root.glob("*/decision-gate-*/pyproject.toml")):
        metadata = tomllib.loads(path.read_text(encoding="utf-8"))
        project = metadata["project"]
        extras = chain.from_iterable(project.get("optional-dependencies", {}).values())
        asked = chain(metadata["build-system"]["requires"], project["dependencies"], extras)
        yield from (name for name in asked if not name.startswith("decision-gate-"))


def compile_pins(wanted: str, target: Path, options: list[str]) -> None:
    """Resolve the lines of *wanted* for every platform and write the result to *target*."""
    environment = {name: value for name, value in os.environ.items() if name != "UV_CONSTRAINT"}
    command = [
        environment["HATCH_UV"],
        "pip",
        "compile",
        "--quiet",
        *OPTIONS,
        *options,
        "-",
        "-o",
        str(target),
    ]
    subprocess.run(command, input=wanted, text=True, encoding="utf-8", env=environment, check=True, cwd=ROOT)


def main(options: list[str]) -> None:
    """Pin hatch by itself, then everything it installs."""
    compile_pins(HATCH, ROOT / "scripts/hatch.txt", options)
    compile_pins("\n".join(sorted(set(requirements(ROOT)))), ROOT / "scripts/constraints.txt", options)


if __name__ == "__main__":
    main(sys.argv[1:])
