"""The reference's names for checking and translating scenarios (contract §3.2)."""

import json

import pytest
from click.testing import CliRunner

from decision_gate.core.codec import decode, hash_record
from decision_gate.core.json import canonical
from decision_gate.core.model import ScenarioSpec
from decision_gate.core.testing.world import condition, gate, scenario, stage
from decision_gate.mcp.cli.commands.authoring import authoring

SPEC = scenario([stage("only", [gate("g", "a")])], [condition("a")])
IDENTITY = {"scenario_id": "scenario", "spec_hash": hash_record(decode(ScenarioSpec, SPEC)).value}
SUMMARY = f"ScenarioSpec valid (scenario_id=scenario, spec_hash={IDENTITY['spec_hash']})\n"


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "release.json"
    path.write_text(json.dumps(SPEC), encoding="utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(authoring, [str(argument) for argument in arguments])


def test_a_valid_scenario_is_summed_up(document):
    ended = run("validate", "--input", document, "--format", "json")

    assert (ended.exit_code, ended.stdout) == (0, SUMMARY)
    assert json.loads(run("validate", "--input", document, "--json").stdout) == IDENTITY


def test_a_scenario_that_contradicts_itself_ends_with_one(document):
    document.write_text(json.dumps(SPEC | {"stages": []}), encoding="utf-8")

    ended = run("validate", "--input", document)

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "must define at least one stage" in ended.stderr


def test_the_canonical_form_goes_to_the_output_and_the_summary_beside_it(document):
    ended = run("normalize", "--input", document)

    assert ended.exit_code == 0
    assert ended.stdout_bytes == canonical(SPEC)
    assert ended.stderr == SUMMARY


def test_the_canonical_form_goes_to_a_file(document, tmp_path):
    target = tmp_path / "wire.json"

    ended = run("normalize", "--input", document, "--output", target)

    assert ended.stdout == f"wrote {target}\n{SUMMARY}"
    assert target.read_bytes() == canonical(SPEC)
    told = run("normalize", "--input", document, "--output", target, "--json").stdout
    assert json.loads(told) == IDENTITY | {"output": str(target)}
