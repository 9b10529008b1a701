"""The registry check finds each way in which tests and promises can part."""

import pytest

from check_registry import registry_findings

REGISTRY = """
[requirement.steps-survive]
text = "an acknowledged step is there after a crash"
source = "architecture §2, contract §6.3"
priority = "must"
tests = ["tests/test_a.py::test_one", "packages/p/tests/test_b.py::TestSuite"]
"""
GAPS = """
[gap.two-regions]
text = "a region may burn"
source = "deviation S6"
priority = "may"
why = "nobody here has two"
"""


@pytest.fixture
def findings(tmp_path):
    """Return a function that changes files of a tree that is right, and tells what is found."""
    files = {
        "system-tests/registry.toml": REGISTRY,
        "system-tests/gaps.toml": GAPS,
        "system-tests/tests/test_a.py": "def test_one(): ...\ndef helper(): ...\n",
        "packages/p/tests/test_b.py": "class TestSuite: ...\n",
    }

    def found(changed):
        for name, text in (files | changed).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return registry_findings(tmp_path)

    return found


def test_a_tree_in_which_all_is_joined_has_no_findings(findings):
    assert findings({}) == []


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        (
            "tests/test_a.py",
            "def test_one(): ...\ndef test_two(): ...\n",
            "tests/test_a.py::test_two: shows nothing that registry.toml names",
        ),
        ("tests/test_a.py", "", "requirement.steps-survive: there is no test tests/test_a.py::test_one"),
        (
            "registry.toml",
            REGISTRY.replace("TestSuite", "TestOther"),
            "requirement.steps-survive: there is no test packages/p/tests/test_b.py::TestOther",
        ),
        (
            "registry.toml",
            REGISTRY.replace("must", "soon"),
            "requirement.steps-survive: priority 'soon' is none of must, should, may",
        ),
        (
            "registry.toml",
            REGISTRY.replace("architecture §2", "a hunch"),
            "requirement.steps-survive: 'a hunch' names no clause",
        ),
        (
            "registry.toml",
            REGISTRY.replace('priority = "must"\n', ""),
            "requirement.steps-survive: has ['source', 'tests', 'text'], needs ['priority', 'source', 'tests', 'text']",
        ),
        (
            "gaps.toml",
            GAPS.replace("two-regions", "steps-survive"),
            "gap.steps-survive: has tests, so it is none",
        ),
        ("gaps.toml", GAPS.replace("nobody here has two", ""), "gap.two-regions: why is empty"),
    ],
)
def test_what_is_not_joined_is_found(findings, name, text, finding):
    assert findings({f"system-tests/{name}": text}) == [f"system-tests: {finding}"]


def test_a_test_that_the_contract_names_is_a_requirement_or_a_gap(findings):
    text = "steps_survive\ntwo_regions\nthree_regions\n"

    assert findings({"system-tests/named-tests.txt": text}) == [
        "system-tests: three_regions: neither a requirement nor a gap, and the contract names it"
    ]


def test_a_promise_without_a_test_is_no_requirement(findings):
    text = REGISTRY.replace(
        'tests = ["tests/test_a.py::test_one", "packages/p/tests/test_b.py::TestSuite"]', "tests = []"
    )

    assert findings({"system-tests/registry.toml": text})[0] == (
        "system-tests: requirement.steps-survive: names no test; a promise without one belongs into gaps.toml"
    )
