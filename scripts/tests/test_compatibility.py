"""Every deliberate difference from the reference is listed once and joined to tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/explanation/compatibility.md").read_text(encoding="utf-8")
DEVIATIONS = [f"{group}{number}" for group, last in (("S", 12), ("X", 15), ("W", 5)) for number in range(1, last + 1)]
SUITES = {
    "core": ROOT / "packages/decision-gate-core/tests",
    "mcp": ROOT / "packages/decision-gate-mcp/tests",
    "system": ROOT / "system-tests/tests",
}
PROOFS = {
    name: re.findall(r"`([^`]+)`", tests)
    for name, tests in re.findall(r"^\* ([SXW]\d+): ((?:.+\n)(?:  .+\n)*)", PAGE, flags=re.MULTILINE)
}


def test_every_deviation_has_one_row_and_one_list_of_tests():
    rows = re.findall(r"^\| ([SXW]\d+) \|", PAGE, flags=re.MULTILINE)

    assert (rows, list(PROOFS)) == (DEVIATIONS, DEVIATIONS)


@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_the_tests_that_prove_a_deviation_are_there(deviation):
    missing = []
    for proof in PROOFS[deviation]:
        place, _, name = proof.partition("::")
        suite, _, path = place.partition("/")
        file = SUITES[suite] / path
        if not file.is_file() or f"def {name}(" not in file.read_text(encoding="utf-8"):
            missing.append(proof)

    assert PROOFS[deviation]
    assert missing == []
