"""The layout check finds each kind of fault, and nothing in a clean tree."""

import pytest

from check_layout import MAX_LINES, TOP_LEVEL, layout_findings

CORE = "packages/decision-gate-core"
MCP = "packages/decision-gate-mcp"
ENTERPRISE = "enterprise/decision-gate-enterprise"

BUILD = '[build-system]\nrequires = ["hatchling"]\n'


def project(name, dependency=None, version="0.1.0"):
    asked = [dependency] if dependency else []
    return f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {asked}\n' + BUILD


@pytest.fixture
def tree(tmp_path):
    """Return a function that writes files over a clean tree and says what is found in it."""
    clean = {f"{name}/README.md": "" for name in TOP_LEVEL if "." not in name and name != "LICENSE"} | {
        "LICENSE": "free",
        "README.md": "",
        "hatch.toml": "",
        "scripts/constraints.txt": "hatchling==1",
        f"{CORE}/LICENSE": "free",
        f"{CORE}/pyproject.toml": project("decision-gate-core"),
        f"{MCP}/LICENSE": "free",
        f"{MCP}/pyproject.toml": project("decision-gate-mcp", "decision-gate-core>=0.1.0,<0.2"),
        f"{ENTERPRISE}/LICENSE": "ours",
        f"{ENTERPRISE}/pyproject.toml": project("decision-gate-enterprise", "decision-gate-mcp[s3]>=0.1.0,<0.2"),
    }

    def findings(**changed):
        for name, text in (clean | changed).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return layout_findings(tmp_path)

    return findings


def test_a_clean_tree_has_no_findings(tree):
    assert tree() == []


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        ("setup.py", "", "setup.py: does not belong to the top level"),
        (
            f"{CORE}/src/decision_gate/__init__.py",
            "",
            f"{CORE}/src/decision_gate/__init__.py: decision_gate is a namespace package; remove this file",
        ),
        (
            f"{CORE}/tests/test_long.py",
            "\n" * (MAX_LINES + 1),
            f"{CORE}/tests/test_long.py: {MAX_LINES + 1} lines, more than {MAX_LINES}",
        ),
        (
            f"{MCP}/pyproject.toml",
            project("decision-gate-mcp", "decision-gate-core==0.1.0"),
            "decision-gate-mcp: asks for 'decision-gate-core==0.1.0' instead of '>=0.1.0,<0.2'",
        ),
        (
            f"{CORE}/pyproject.toml",
            project("decision-gate-core", version="0.1.1"),
            "distributions disagree on their version: ['0.1.0', '0.1.1']",
        ),
        (
            f"{ENTERPRISE}/LICENSE",
            "free",
            "decision-gate-enterprise: LICENSE must not be the one of the root",
        ),
        (f"{CORE}/LICENSE", "other", "decision-gate-core: LICENSE must be the one of the root"),
        (
            "hatch.toml",
            'envs.default.dependencies = ["Py_Test[x]>=9"]',
            "Py_Test: asked for but not pinned; run 'python3 scripts/dev.py run pin'",
        ),
        ("docs/a.md", "\nsee /" + "home/me/a", "docs/a.md:2: /" + "home/ is a path of one machine"),
        (
            "scripts/constraints.txt",
            "hatchling==1 @ https://example.org/a.whl",
            "scripts/constraints.txt:1: a pin names no address, only name, version and hashes",
        ),
    ],
)
def test_a_fault_is_found_and_named(tree, name, text, finding):
    assert tree(**{name: text}) == [finding]


def test_addresses_and_relative_paths_are_no_machine_paths(tree):
    assert tree(**{"docs/a.md": "https://example.org/" + "home/a ../" + "work/b x/" + "root/c"}) == []


def test_a_missing_folder_is_found(tree, tmp_path):
    tree()
    (tmp_path / "examples/README.md").unlink()

    assert layout_findings(tmp_path) == ["examples: missing from the top level"]
