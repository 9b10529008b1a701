"""The questions of a scenario against the published contracts of the built-in providers (contract §7.4, §7.5)."""

import pytest

from decision_gate.core.json import canonical
from decision_gate.mcp.authoring import ScenarioDocumentError, read_scenario
from decision_gate.mcp.authoring.published_checks import Mistake, mistakes
from decision_gate.mcp.cli.asking import built_in_providers


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (("json", "path", {"file": "a"}), []),
        (("time", "now", None), []),
        (("time", "now", {}), []),
        (("own", "anything", {"x": 1}), []),
        (
            ("json", "pat", {"file": "a"}),
            [Mistake(path=("check_id",), found="unknown check `pat` (did you mean `path`?)", allowed="path")],
        ),
        (("env", "get", []), [Mistake(path=("params",), found="sequence", allowed="a mapping")]),
        (("env", "get", None), [Mistake(path=(), found="parameter `key` of env.get is missing", allowed="")]),
        (
            ("time", "now", {"x": 1}),
            [Mistake(path=("params", "x"), found="unknown parameter `x`", allowed="no parameters", is_key=True)],
        ),
        (
            ("time", "after", {"timestamp": [1]}),
            [Mistake(path=("params", "timestamp"), found="sequence", allowed="a whole number or a text")],
        ),
        (
            ("report", "findings.count", {"file": "a", "severity_at_least": "huge"}),
            [
                Mistake(
                    path=("params", "severity_at_least"),
                    found='string "huge"',
                    allowed="none, low, medium, high, critical",
                )
            ],
        ),
    ],
)
def test_a_question_is_held_to_the_contract_of_its_provider(question, told):
    assert list(mistakes(*question)) == told


def test_file_and_files_of_a_report_exclude_each_other():
    [told] = mistakes("report", "tests.total", {"file": "a", "files": ["b"]})

    assert (told.path, told.allowed) == (("params",), "exactly one of file, files")


def test_every_parameter_of_every_contract_can_be_told_in_words():
    """A wrong value of any parameter is told with what may stand there instead."""
    for provider_id, contract in built_in_providers().contracts.items():
        for check_id, check in contract.checks.items():
            for name in check.document.params_schema["properties"]:
                told = [each for each in mistakes(provider_id, check_id, {name: {"x": 1}}) if each.path[1:] == (name,)]
                assert [each.found for each in told] == ["map"]
                assert "contract" not in told[0].allowed


WIRE = {
    "scenario_id": "s",
    "namespace_id": 1,
    "spec_version": "1",
    "stages": [
        {
            "stage_id": "a",
            "entry_packets": [],
            "gates": [{"gate_id": "g", "requirement": {"Condition": "c"}}],
            "advance_to": {"kind": "terminal"},
            "on_timeout": "fail",
        }
    ],
    "conditions": [
        {
            "condition_id": "c",
            "query": {"provider_id": "time", "check_id": "after", "params": {"timestamp": [1]}},
            "comparator": "equals",
            "expected": True,
            "policy_tags": [],
        }
    ],
    "policies": [],
    "schemas": [],
}


def test_the_wire_form_is_held_to_contracts_for_its_author_only():
    """The engine runs what the reference's runs; a server holds definitions to the contracts of all its providers."""
    document = canonical(WIRE)

    with pytest.raises(ScenarioDocumentError) as caught:
        read_scenario(document, "s.json", is_for_author=True)

    assert [fault.path for fault in caught.value.faults] == ["conditions[0].query.params.timestamp"]
    assert not read_scenario(document, "s.json").is_short
