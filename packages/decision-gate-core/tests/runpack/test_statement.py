"""The whole statement about a pack, and when it says that the pack passed."""

import attrs
import pytest

from decision_gate.core.hashing import sha256_hex
from decision_gate.core.json import canonical, parse
from decision_gate.core.model import RunStatus, VerificationReport, VerificationStatus
from decision_gate.core.runpack import Verifier, build_statement, inspect
from decision_gate.core.timestamps import UnixMillis

VERIFIER = Verifier(id="https://gate.example.org", version="1.2.3")
NEW_YEAR_2026 = UnixMillis(1_767_225_600_007)
RUN = "dg://42/7/run/run-2025-10"


def statement(inspection, **options):
    return parse(build_statement(inspection, VERIFIER, NEW_YEAR_2026, **options))


def test_a_statement_names_every_file_the_run_the_scenario_and_what_was_judged(worked):
    inspection = inspect(worked.manifest, worked.artifacts)
    digests = {path: sha256_hex(content) for path, content in worked.artifacts.files.items()}
    gate_evals = digests["artifacts/gate_evals.json"]
    hashes = dict.fromkeys(
        entry["result"]["evidence_hash"]["value"]
        for record in worked.content("artifacts/gate_evals.json")
        for entry in record["evidence"]
        if entry["result"]["evidence_hash"] is not None
    )

    assert statement(inspection) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "manifest.json", "digest": {"sha256": sha256_hex(worked.manifest)}},
            *({"name": path, "digest": {"sha256": digests[path]}} for path in sorted(digests)),
        ],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {
            "verifier": {"id": "https://gate.example.org", "version": {"decision-gate": "1.2.3"}},
            "timeVerified": "2026-01-01T00:00:00.007Z",
            "resourceUri": RUN,
            "policy": {
                "uri": "dg://42/7/scenario/harbor-release",
                "digest": {"sha256": digests["artifacts/scenario_spec.json"]},
            },
            "inputAttestations": [
                {"uri": f"{RUN}/artifacts/gate_evals.json", "digest": {"sha256": gate_evals}},
                *({"uri": f"{RUN}/evidence/{each}", "digest": {"sha256": each}} for each in hashes),
            ],
            "verificationResult": "PASSED",
            "verifiedLevels": ["DECISION_GATE_PASSED"],
            "slsaVersion": "1.2",
        },
    }


def test_a_log_that_could_not_be_read_is_no_input(worked):
    inspection = attrs.evolve(inspect(worked.manifest, worked.artifacts), files={}, evidence=())

    assert statement(inspection)["predicate"]["inputAttestations"] == []


BROKEN = VerificationReport(status=VerificationStatus.FAIL, checked_files=8, errors=("x",))


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"report": BROKEN}, {}),
        ({"status": RunStatus.FAILED}, {}),
        ({"status": RunStatus.ACTIVE}, {}),
        ({"status": None}, {}),
        ({}, {"has_diverged": True}),
    ],
)
def test_only_an_intact_pack_of_a_completed_run_that_replays_has_passed(worked, changes, options):
    inspection = attrs.evolve(inspect(worked.manifest, worked.artifacts), **changes)
    passed = statement(inspect(worked.manifest, worked.artifacts))

    passed["predicate"] |= {"verificationResult": "FAILED", "verifiedLevels": []}

    assert canonical(statement(inspection, **options)) == canonical(passed)
