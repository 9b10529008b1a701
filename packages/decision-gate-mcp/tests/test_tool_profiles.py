"""Tool profiles are tool sets of principals (deviation X15)."""

import pytest

from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.errors import InvalidConfigError
from decision_gate.mcp.opening.built_in import offers_of
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.tool_profiles import PROFILE_TOOLS, Profile


def principal(text):
    config = parse_config(
        f'[[server.auth.principals]]\nsubject = "stdio"\n{text}'.encode(),
        lambda plugins: offers_of(plugins).settings_of,
    )
    config.check()
    return config.server.auth.principals[0]


def test_every_profile_names_tools_that_exist():
    assert set(PROFILE_TOOLS) == set(Profile)
    assert {tool for tools in PROFILE_TOOLS.values() for tool in tools or ()} <= set(TOOL_NAMES)


@pytest.mark.parametrize("denied", ["scenario_define", "scenario_trigger", "evidence_query", "schemas_register"])
def test_who_is_judged_can_neither_change_the_rules_nor_move_the_run(denied):
    assert denied not in PROFILE_TOOLS[Profile.AGENT]


@pytest.mark.parametrize("profile", Profile)
def test_a_profile_is_the_tool_set_of_its_principal(profile):
    assert principal(f'profile = "{profile.value}"').tool_set == PROFILE_TOOLS[profile]


def test_tools_named_one_by_one_are_a_tool_set_too():
    assert principal('allowed_tools = ["precheck"]').tool_set == {"precheck"}
    assert principal("").tool_set is None


def test_a_profile_and_a_list_exclude_each_other():
    with pytest.raises(InvalidConfigError):
        principal('profile = "agent"\nallowed_tools = ["precheck"]')
