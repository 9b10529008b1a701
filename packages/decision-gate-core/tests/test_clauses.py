"""Contract §6 and its tests, joined both ways by ``clauses.toml``."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
FOLDERS = ("control_plane", "engine")
CLAUSES = tomllib.loads((HERE / "clauses.toml").read_text(encoding="utf-8"))["clause"]
SECTIONS = tuple(f"6.{number}" for number in range(1, 12))
CITATION = re.compile(r"§(6(?:\.\d+)+)")


def section(clause_id):
    return clause_id.partition("-")[0]


def files():
    return sorted(path for folder in FOLDERS for path in (HERE / folder).glob("test_*.py"))


def functions_of(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def name_of(path):
    return path.relative_to(HERE).as_posix()


def cited_by(path):
    """Return the sections that the module's docstring claims to pin."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return set(CITATION.findall(text))


def pinned_by_file():
    """Return, for each test file that clauses name, the sections of those clauses."""
    pinned = {}
    for clause in CLAUSES:
        for test in clause["tests"]:
            pinned.setdefault(test.partition("::")[0], set()).add(section(clause["id"]))
    return pinned


def test_every_clause_is_numbered_in_order_and_said_once():
    ids = [clause["id"] for clause in CLAUSES]
    counts = Counter(section(clause_id) for clause_id in ids)

    assert ids == [f"{number}-{each + 1}" for number, count in counts.items() for each in range(count)]
    assert len({clause["text"] for clause in CLAUSES}) == len(CLAUSES)


def test_every_section_has_clauses():
    assert {section(clause["id"]) for clause in CLAUSES} == {*SECTIONS, "6.6.1"}


def test_every_clause_has_a_test():
    assert [clause["id"] for clause in CLAUSES if not clause["tests"]] == []


def test_every_named_test_is_there():
    there = {f"{name_of(path)}::{test}" for path in files() for test in functions_of(path)}

    assert {test for clause in CLAUSES for test in clause["tests"]} - there == set()


def test_a_file_claims_only_sections_whose_clauses_name_it():
    pinned = pinned_by_file()

    claims = {(name_of(path), cited) for path in files() for cited in cited_by(path)}

    assert {(name, cited) for name, cited in claims if cited not in pinned.get(name, set())} == set()


def test_a_file_that_clauses_name_claims_their_section():
    cited = {name_of(path): cited_by(path) for path in files()}

    assert {name: missing for name, pinned in pinned_by_file().items() if (missing := pinned - cited[name])} == {}
