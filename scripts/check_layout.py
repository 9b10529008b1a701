"""Check what no linter checks: top level, namespace, file sizes, versions, licences, entry points, pins.

Exit status 0 when clean, 1 with one line per finding otherwise. Files that git ignores do not count.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from itertools import chain
from pathlib import Path
from typing import Any

from pin import requirements

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = frozenset(
    {
        "LICENSE",
        "README.md",
        "docs",
        "enterprise",
        "enterprise-system-tests",
        "examples",
        "hatch.toml",
        "packages",
        "scripts",
        "system-tests",
    }
)
ENTERPRISE_ONLY = frozenset({"enterprise", "enterprise-system-tests"})
MAX_LINES = 400
LONGER_ON_PURPOSE: frozenset[str] = frozenset()

# Folders that exist on one machine: those of a user, of root, of a build. A letter, dot or slash before one
# makes it part of something longer (an address, a relative path).
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:home|root|work|Users)/")
# What .gitignore names, for a copy without git: folders of tools, all hidden but for these two.
MADE_BY_TOOLS = re.compile(r"(^|/)(\.(?!ci/)[^/]*|__pycache__|dist)/")
ADDRESS = re.compile(r"https?://")
PIN_FILES = re.compile(r"(^scripts/[^/]*\.txt|\.lock|[-.]lock\.(json|yaml)|\.npmrc)$")


def tracked(root: Path) -> list[str]:
    """Return the names of all files but ignored ones; of all files when *root* is no git checkout."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        files = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in files if not MADE_BY_TOOLS.search(path.as_posix()))
    return sorted({name for name in done.stdout.decode().split("\0") if name and (root / name).is_file()})


def projects(root: Path) -> dict[Path, dict[str, Any]]:
    """Return the ``[project]`` table of each distribution by its folder."""
    files = sorted(root.glob("*/decision-gate-*/pyproject.toml"))
    return {path.parent: tomllib.loads(path.read_text(encoding="utf-8"))["project"] for path in files}


def top_level_findings(names: list[str]) -> Iterator[str]:
    """Yield what is at the top and should not be, or is missing there."""
    found = {name.split("/")[0] for name in names}
    for name in sorted(found - TOP_LEVEL):
        if not name.startswith("."):
            yield f"{name}: does not belong to the top level"
    for name in sorted(TOP_LEVEL - found - ENTERPRISE_ONLY):
        yield f"{name}: missing from the top level"


def namespace_findings(names: list[str]) -> Iterator[str]:
    """Yield every ``__init__`` that would close the shared namespace."""
    for name in names:
        if name.endswith("src/decision_gate/__init__.py"):
            yield f"{name}: decision_gate is a namespace package; remove this file"


def size_findings(root: Path, names: list[str]) -> Iterator[str]:
    """Yield every Python file, tests included, longer than the house allows."""
    for name in names:
        if name.endswith(".py") and name not in LONGER_ON_PURPOSE:
            lines = len((root / name).read_text(encoding="utf-8").splitlines())
            if lines > MAX_LINES:
                yield f"{name}: {lines} lines, more than {MAX_LINES}"


def version_findings(tables: list[dict[str, Any]]) -> Iterator[str]:
    """Yield different versions, and ranges between the distributions that do not fit the version.

    A distribution asks for another of ours by ``>=X.Y.Z,<X.(Y+1)``: they are released together, a fix of
    one may follow alone.
    """
    versions = {table["version"] for table in tables}
    if len(versions) != 1:
        yield f"distributions disagree on their version: {sorted(versions)}"
        return
    (version,) = versions
    major, minor, _ = version.split(".")
    expected = f">={version},<{major}.{int(minor) + 1}"
    for table in tables:
        extras = chain.from_iterable(table.get("optional-dependencies", {}).values())
        for requirement in chain(table["dependencies"], extras):
            ours = re.match(r"decision-gate-\w+(?:\[[^]]*\])?\s*", requirement)
            if ours and requirement[ours.end() :] != expected:
                yield f"{table['name']}: asks for {requirement!r} instead of {expected!r}"


def entry_point_findings(tables: list[dict[str, Any]]) -> Iterator[str]:
    """Yield distributions whose installed entry points are not those of their pyproject.toml."""
    for table in tables:
        declared = {("console_scripts", name, value) for name, value in table.get("scripts", {}).items()}
        for group, entries in table.get("entry-points", {}).items():
            declared |= {(group, name, value) for name, value in entries.items()}
        try:
            entries = distribution(table["name"]).entry_points
        except PackageNotFoundError:
            yield f"{table['name']}: not installed"
            continue
        if declared != {(entry.group, entry.name, entry.value) for entry in entries}:
            yield f"{table['name']}: installed entry points are stale; run 'python3 scripts/dev.py env prune'"


def licence_findings(root: Path, tables: dict[Path, dict[str, Any]]) -> Iterator[str]:
    """Yield open distributions without the text of the root licence, and an enterprise one with it."""
    text = (root / "LICENSE").read_bytes()
    for folder, table in tables.items():
        licence = folder / "LICENSE"
        is_open = folder.parent.name == "packages"
        if not licence.exists() or (licence.read_bytes() == text) != is_open:
            yield f"{table['name']}: LICENSE must {'be' if is_open else 'not be'} the one of the root"


def pin_findings(root: Path) -> Iterator[str]:
    """Yield packages that are asked for and not pinned: uv would take the newest of them without a word."""
    pinned = set(
        re.findall(r"^([\w.-]+)==", (root / "scripts/constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for requirement in requirements(root):
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if re.sub(r"[-_.]+", "-", name).lower() not in pinned:
            yield f"{name}: asked for but not pinned; run 'python3 scripts/dev.py run pin'"


def text_findings(root: Path, names: list[str]) -> Iterator[str]:
    """Yield paths of one machine anywhere, and addresses in files that pin packages."""
    for name in names:
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a binary file
        is_pin_file = PIN_FILES.search(name) is not None
        for number, line in enumerate(text.splitlines(), 1):
            if found := MACHINE_PATH.search(line):
                yield f"{name}:{number}: {found[0]} is a path of one machine"
            if is_pin_file and ADDRESS.search(line):
                yield f"{name}:{number}: a pin names no address, only name, version and hashes"


def layout_findings(root: Path) -> list[str]:
    """Return all that the files below *root* show, installed or not."""
    names = tracked(root)
    tables = projects(root)
    return [
        *top_level_findings(names),
        *namespace_findings(names),
        *size_findings(root, names),
        *version_findings(list(tables.values())),
        *licence_findings(root, tables),
        *pin_findings(root),
        *text_findings(root, names),
    ]


def main() -> int:
    """Print every finding and return the exit status."""
    findings = [*layout_findings(ROOT), *entry_point_findings(list(projects(ROOT).values()))]
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
