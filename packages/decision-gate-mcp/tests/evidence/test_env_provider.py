"""The ``env`` provider (contract §1.3)."""

import os

import pytest

from decision_gate.core.model import EvidenceAnchor, EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.ports.evidence import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.config.errors import ConfigParseError
from decision_gate.mcp.config.table import read_table
from decision_gate.mcp.evidence.env_provider import EnvProvider, EnvSettings

CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(0),
)
ENVIRONMENT = {"DEPLOY": "production", "EMPTY": "", "BINARY": os.fsdecode(b"\xff"), "ACCENT": "é"}


def ask(params, *, check_id="get", **settings):
    provider = EnvProvider(EnvSettings(**settings), ENVIRONMENT)
    return provider.query(EvidenceQuery(provider_id="env", check_id=check_id, params=params), CONTEXT)


def failure(params, **arguments):
    with pytest.raises(EvidenceProviderFailureError) as caught:
        ask(params, **arguments)
    return caught.value.message


@pytest.mark.parametrize("name", ["DEPLOY", "EMPTY", "ACCENT"])
def test_a_variable_answers_with_its_text(name):
    assert ask({"key": name}) == EvidenceResult(
        value=JsonEvidence(value=ENVIRONMENT[name]),
        evidence_anchor=EvidenceAnchor(anchor_type="env", anchor_value=name),
        content_type="text/plain",
    )


@pytest.mark.parametrize("name", ["MISSING", "BINARY", "", "A=B", "A\x00B", "deploy"])
def test_a_variable_without_text_has_an_anchor_and_no_value(name):
    assert ask({"key": name}) == EvidenceResult(evidence_anchor=EvidenceAnchor(anchor_type="env", anchor_value=name))


def test_overrides_replace_the_whole_environment():
    overrides = {"OTHER": "override"}

    assert ask({"key": "OTHER"}, overrides=overrides).value == JsonEvidence(value="override")
    assert ask({"key": "DEPLOY"}, overrides=overrides).value is None
    assert ask({"key": "DEPLOY"}, overrides={}).value is None


def test_the_environment_of_the_process_is_read_at_the_time_of_the_question(monkeypatch):
    provider = EnvProvider(EnvSettings())
    monkeypatch.setenv("DECISION_GATE_TEST_VARIABLE", "later")

    query = EvidenceQuery(provider_id="env", check_id="get", params={"key": "DECISION_GATE_TEST_VARIABLE"})

    assert provider.query(query, CONTEXT).value == JsonEvidence(value="later")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (None, "env check requires params"),
        ([], "env params must be an object"),
        ("DEPLOY", "env params must be an object"),
        ({}, "missing env key"),
        ({"key": None}, "env key must be a string"),
        ({"key": 1}, "env key must be a string"),
    ],
)
def test_unusable_params_fail(params, message):
    assert failure(params) == message


def test_limits_count_bytes_and_hold_exactly():
    assert ask({"key": "ACCENT"}, max_value_bytes=2).value == JsonEvidence(value="é")
    assert failure({"key": "ACCENT"}, max_value_bytes=1) == "env value exceeds limit"
    assert ask({"key": "é"}, max_key_bytes=2).value is None
    assert failure({"key": "é"}, max_key_bytes=1) == "env key exceeds limit"


def test_deny_is_stronger_than_allow_and_an_empty_allow_list_blocks_everything():
    blocked = "env key blocked by policy"

    assert failure({"key": "DEPLOY"}, allowlist=("DEPLOY",), denylist=("DEPLOY",)) == blocked
    assert failure({"key": "DEPLOY"}, allowlist=("OTHER",)) == blocked
    assert failure({"key": "DEPLOY"}, allowlist=()) == blocked
    assert ask({"key": "DEPLOY"}, allowlist=("DEPLOY",)).value == JsonEvidence(value="production")


def test_checks_come_in_their_order():
    assert failure(None, check_id="set") == "unsupported env check"
    assert failure({"key": "DEPLOY"}, max_key_bytes=1, denylist=("DEPLOY",)) == "env key exceeds limit"
    assert failure({"key": "DEPLOY"}, max_value_bytes=1, denylist=("DEPLOY",)) == "env key blocked by policy"


def read(table):
    return read_table(EnvSettings, table, "providers.config", lambda _group, _name: EnvSettings)


def test_settings_are_read_from_a_table_with_defaults():
    assert read({"denylist": ["A"], "overrides": {"B": "c"}}) == EnvSettings(denylist=("A",), overrides={"B": "c"})


@pytest.mark.parametrize(
    "table", [{"overrides": {"B": 1}}, {"overrides": []}, {"deny_list": []}, {"max_key_bytes": -1}]
)
def test_a_table_that_does_not_fit_is_refused(table):
    with pytest.raises(ConfigParseError):
        read(table)
