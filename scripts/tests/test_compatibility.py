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
LISTS = dict(re.findall(r"^\* ([SXW]\d+): ((?:.+\n)(?:  .+\n)*)", COMPATIBILITY, flags=re.MULTILINE))
THREAT_ROWS = dict(re.findall(r"^\| (T\d+) \|(.*)", THREATS, flags=re.MULTILINE))
PRIVATE_ROWS = dict(re.findall(r"^\| (E\d+) \|(.*)", ORGANISATIONS, flags=re.MULTILINE))
DEMAND_ROWS = dict(re.findall(r"^\| (M\d+) \|(.*)", DEMANDS, flags=re.MULTILINE))
# What proves the rows of the enterprise build is not in the open tree.
ROWS = {**LISTS, **THREAT_ROWS, **DEMAND_ROWS, **(PRIVATE_ROWS if SUITES["enterprise"].exists() else {})}


def test_every_deviation_has_one_row_and_one_list_of_tests():
    rows = re.findall(r"^\| ([SXW]\d+) \|", COMPATIBILITY, flags=re.MULTILINE)

    assert (rows, list(LISTS)) == (DEVIATIONS, DEVIATIONS)


def test_no_demand_on_an_mcp_server_is_left_out():
    assert list(DEMAND_ROWS) == [f"M{number}" for number in range(1, 25)]


@pytest.mark.parametrize("claim", ROWS)
def test_the_tests_that_prove_a_claim_are_there(claim):
    proofs = PROOF.findall(ROWS[claim])

    missing = [proof for proof in proofs if not is_there(proof)]

    assert proofs
    assert missing == []


def is_there(proof):
    place, _, name = proof.partition("::")
    suite, _, path = place.partition("/")
    file = SUITES[suite] / path
    return file.is_file() and f"def {name}(" in file.read_text(encoding="utf-8")
