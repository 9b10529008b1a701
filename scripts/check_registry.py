"""Check that system tests and what they promise are joined both ways.

``registry.toml`` of a system test suite says what holds and which tests show it, ``gaps.toml`` what no test shows yet
and why. Every test of the suite must be named by a requirement, every named test must exist, and no promise may be both
kept and missing. Where a suite has ``named-tests.txt``, each name in it is a requirement or a gap, with dashes.
Exit status 0 when all is joined, 1 with one line per finding otherwise.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PRIORITIES = ("must", "should", "may")
SOURCE = re.compile(r"contract §\d[\d.]*|deviation [SXW]\d+|architecture §\d|product §\w+")
ELSEWHERE = ("packages/", "enterprise/")
"""What begins so is named from the root: a promise of the system that a test of a distribution shows."""


def read(path: Path, table: str) -> dict[str, dict[str, Any]]:
    """Return the entries of one file by their ids."""
    entries: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get(table, {})
    return entries


def tests_in(path: Path) -> set[str]:
    """Return the names of the tests of a file, and of its classes, whose tests may come from a shipped suite."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        prefix = {ast.FunctionDef: "test_", ast.ClassDef: "Test"}.get(type(node))
        name = getattr(node, "name", "")
        if prefix is not None and name.startswith(prefix):
            found.add(name)
    return found


def suite_tests(suite: Path) -> set[str]:
    """Return every test of a suite as its registry names it."""
    files = sorted((suite / "tests").glob("**/test_*.py"))
    return {f"{path.relative_to(suite).as_posix()}::{name}" for path in files for name in tests_in(path)}


def entry_findings(kind: str, name: str, entry: dict[str, Any], members: set[str]) -> Iterator[str]:
    """Yield what is wrong with one entry by itself."""
    if set(entry) != members:
        yield f"{kind}.{name}: has {sorted(entry)}, needs {sorted(members)}"
        return
    if not re.fullmatch(r"[a-z0-9-]+", name):
        yield f"{kind}.{name}: an id is of lower-case letters, digits and dashes"
    if entry["priority"] not in PRIORITIES:
        yield f"{kind}.{name}: priority {entry['priority']!r} is none of {', '.join(PRIORITIES)}"
    for source in re.split(r",\s*", entry["source"]):
        if not SOURCE.fullmatch(source):
            yield f"{kind}.{name}: {source!r} names no clause"
    for member in members & {"text", "why"}:
        if not str(entry[member]).strip():
            yield f"{kind}.{name}: {member} is empty"


def suite_findings(root: Path, suite: Path) -> Iterator[str]:
    """Yield everything in which a suite, its registry and its gaps are not joined."""
    requirements, gaps = read(suite / "registry.toml", "requirement"), read(suite / "gaps.toml", "gap")
    for name, entry in requirements.items():
        yield from entry_findings("requirement", name, entry, {"text", "source", "priority", "tests"})
    for name, entry in gaps.items():
        yield from entry_findings("gap", name, entry, {"text", "source", "priority", "why"})
    for name in sorted(requirements.keys() & gaps.keys()):
        yield f"gap.{name}: has tests, so it is none"
    there, named = suite_tests(suite), set()
    for name, entry in requirements.items():
        tests = entry.get("tests", [])
        if not tests:
            yield f"requirement.{name}: names no test; a promise without one belongs into gaps.toml"
        for test in tests:
            named.add(test)
            if not _exists(root, test, there):
                yield f"requirement.{name}: there is no test {test}"
    for name in _names_of_the_contract(suite):
        if name.replace("_", "-") not in requirements.keys() | gaps.keys():
            yield f"{name}: neither a requirement nor a gap, and the contract names it"
    for test in sorted(there - named):
        yield f"{test}: shows nothing that registry.toml names"


def _names_of_the_contract(suite: Path) -> list[str]:
    """Return the tests that the contract names, where it does."""
    path = suite / "named-tests.txt"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def _exists(root: Path, test: str, there: set[str]) -> bool:
    if not test.startswith(ELSEWHERE):
        return test in there
    file, _, name = test.partition("::")
    return (root / file).is_file() and name in tests_in(root / file)


def registry_findings(root: Path) -> list[str]:
    """Return the findings of all suites below *root*; the enterprise one may be missing."""
    suites = sorted(path.parent for path in root.glob("*system-tests/registry.toml"))
    return [f"{suite.name}: {finding}" for suite in suites for finding in suite_findings(root, suite)]


def main() -> int:
    """Print every finding and return the exit status."""
    findings = registry_findings(ROOT)
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
