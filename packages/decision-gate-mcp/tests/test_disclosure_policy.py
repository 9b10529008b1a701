"""Who may receive which packet (contract §3.3, ``[policy]``)."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import (
    AgentTarget,
    ChannelTarget,
    ExternalTarget,
    HashDigest,
    JsonPayload,
    PacketEnvelope,
    SessionTarget,
    VisibilityPolicy,
)
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.disclosure_policy import disclosure_policy
from decision_gate.mcp.opening.built_in import offers_of

ENVELOPE = PacketEnvelope(
    scenario_id="s",
    run_id="r",
    stage_id="st",
    packet_id="p",
    schema_id="sch",
    content_type="application/json",
    content_hash=HashDigest(value="0" * 64),
    visibility=VisibilityPolicy(labels=("team", "eu"), policy_tags=("ops",)),
    issued_at=UnixMillis(1),
)
AGENT = AgentTarget(agent_id="a")
EXTERNAL = ExternalTarget(system="sys", target="t")


def policy(text):
    config = parse_config(text.encode(), lambda plugins: offers_of(plugins).settings_of)
    config.check()
    return disclosure_policy(config.policy)


def static(rule, default="deny"):
    return policy(
        f'[policy]\nengine = "static"\n[policy.static]\ndefault = "{default}"\n[[policy.static.rules]]\n{rule}\n'
    )


def permits(found, target=AGENT):
    return found.permits(target, ENVELOPE, JsonPayload(value=1))


def test_without_a_policy_nobody_is_asked_and_deny_all_denies():
    assert policy("") is None
    assert permits(policy('[policy]\nengine = "deny_all"\n')) is False


@pytest.mark.parametrize(
    ("criterion", "matches"),
    [
        ('target_kinds = ["session", "agent"]', True),
        ('target_kinds = ["session"]', False),
        ('targets = [{ target_kind = "agent" }]', True),
        ('targets = [{ target_kind = "agent", target_id = "a" }]', True),
        ('targets = [{ target_kind = "agent", target_id = "b" }]', False),
        ('targets = [{ target_kind = "channel" }]', False),
        ('require_labels = ["eu", "team"]', True),
        ('require_labels = ["eu", "us"]', False),
        ('forbid_labels = ["us"]', True),
        ('forbid_labels = ["us", "eu"]', False),
        ('require_policy_tags = ["ops"]', True),
        ('forbid_policy_tags = ["ops"]', False),
        ('content_types = ["text/plain", "application/json"]', True),
        ('content_types = ["text/plain"]', False),
        ('schema_ids = ["sch"]', True),
        ('packet_ids = ["x"]', False),
        ('stage_ids = ["st"]', True),
        ('scenario_ids = ["x"]', False),
        ('stage_ids = ["st"]\npacket_ids = ["x"]', False),
    ],
)
def test_a_rule_matches_when_every_criterion_does(criterion, matches):
    assert permits(static(f'effect = "permit"\n{criterion}')) is matches
    assert permits(static(f'effect = "deny"\n{criterion}', default="permit")) is not matches


@pytest.mark.parametrize(
    ("selector", "target", "matches"),
    [
        ('{ target_kind = "external", system = "sys" }', EXTERNAL, True),
        ('{ target_kind = "external", target = "t" }', EXTERNAL, True),
        ('{ target_kind = "external", system = "sys", target = "u" }', EXTERNAL, False),
        ('{ target_kind = "session", target_id = "s" }', SessionTarget(session_id="s"), True),
        ('{ target_kind = "channel", target_id = "c" }', ChannelTarget(channel="c"), True),
    ],
)
def test_a_selector_means_one_target_or_every_target_of_its_kind(selector, target, matches):
    assert permits(static(f'effect = "permit"\ntargets = [{selector}]'), target) is matches


def test_the_first_rule_that_matches_decides():
    found = static(
        'effect = "deny"\nstage_ids = ["st"]\n[[policy.static.rules]]\neffect = "permit"\nscenario_ids = ["s"]'
    )

    assert permits(found) is False


def test_an_error_effect_fails_with_its_message():
    with pytest.raises(DecisionGateError) as refused:
        permits(static('effect = "error"\nerror_message = "ask legal"\nstage_ids = ["st"]'))

    assert str(refused.value) == "policy decision error: ask legal"
