"""Every deliberate difference from the reference is listed once, and what pages name as proof is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
COMPATIBILITY = (ROOT / "docs/explanation/compatibility.md").read_text(encoding="utf-8")
THREATS = (ROOT / "docs/security/threat-model.md").read_text(encoding="utf-8")
ORGANISATIONS = (ROOT / "docs/security/enterprise-threat-model.md").read_text(encoding="utf-8")
DEMANDS = (ROOT / "docs/security/mcp-checklist.md").read_text(encoding="utf-8")
DEVIATIONS = [f"{group}{number}" for group, last in (("S", 12), ("X", 15), ("W", 5)) for number in range(1, last + 1)]
SUITES = {
    "core": ROOT / "packages/decision-gate-core/tests",
    "mcp": ROOT / "packages/decision-gate-mcp/tests",
    "system": ROOT / "system-tests/tests",
    "enterprise": ROOT / "enterprise/decision-gate-enterprise/tests",
    "cloud": ROOT / "enterprise-system-tests/tests",
}
PROOF = re.compile(r"`([^`]+::[^`]+)`")


def rows_of(page):
    return re.findall(r"^\| ([A-Z]\d+) \|", page, flags=re.MULTILINE)


def lists_of(page):
    return dict(re.findall(r"^\* ([A-Z]\d+): ((?:.+\n)(?:  .+\n)*)", page, flags=re.MULTILINE))


PAGES = [COMPATIBILITY, THREATS, DEMANDS, ORGANISATIONS]
# What proves the rows of the enterprise build is not in the open tree.
PROVED_HERE = PAGES if SUITES["enterprise"].exists() else PAGES[:-1]
LISTS = {claim: proofs for page in PROVED_HERE for claim, proofs in lists_of(page).items()}


def test_every_deviation_has_one_row():
    assert rows_of(COMPATIBILITY) == DEVIATIONS


def test_no_demand_on_an_mcp_server_is_left_out():
    assert rows_of(DEMANDS) == [f"M{number}" for number in range(1, 25)]


@pytest.mark.parametrize("page", PAGES, ids=["compatibility", "threats", "demands", "organisations"])
def test_every_row_of_a_page_has_one_list_of_tests(page):
    assert rows_of(page) == list(lists_of(page)) != []


@pytest.mark.parametrize("claim", LISTS)
def test_the_tests_that_prove_a_claim_are_there(claim):
    proofs = PROOF.findall(LISTS[claim])

    missing = [proof for proof in proofs if not is_there(proof)]

    assert proofs
    assert missing == []


def is_there(proof):
    place, _, name = proof.partition("::")
    suite, _, path = place.partition("/")
    file = SUITES[suite] / path
    return file.is_file() and f"def {name}(" in file.read_text(encoding="utf-8")
