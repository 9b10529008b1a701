"""What a server says about its posture (contract §11.4, §12)."""

from importlib import resources

import pytest

from decision_gate.mcp.config import parse_config
from decision_gate.mcp.notices import DAY_MS, posture_notices
from decision_gate.mcp.opening.built_in import offers_of

BEARER = '[server]\ntransport = "http"\nbind = "127.0.0.1:1"\nauth = { mode = "bearer_token", bearer_tokens = ["t"] }\n'


def notices(text, age=None):
    config = parse_config(text.encode(), lambda plugins: offers_of(plugins).settings_of)
    return posture_notices(config, config_age_ms=age)


def test_the_posture_line_comes_first_and_names_every_switch():
    [line] = notices(BEARER)

    assert line == (
        "decision-gate-mcp: INFO: transport=http auth=bearer_token allow_default_namespace=false dev_permissive=false"
        " registry.allow_local_only=false registry.require_signing=false validation.strict=true"
    )


@pytest.mark.parametrize(
    ("text", "age", "expected"),
    [
        ("", None, "INFO: local_only authentication"),
        (
            "[schema_registry]\nacl = { allow_local_only = true }",
            None,
            "INFO: schema_registry.acl.allow_local_only=true",
        ),
        (
            BEARER + "[schema_registry]\nacl = { allow_local_only = true }",
            None,
            "WARNING: schema_registry.acl.allow_local_only=true",
        ),
        (BEARER + "[time]\nsource = 'caller'", None, "WARNING: time.source=caller: callers say what time it is"),
        (BEARER.replace('"t"', '"dg-hardened-demo-token"'), None, "WARNING: the token of this server is published"),
        ("[validation]\nstrict = false\nallow_permissive = true", None, "WARNING: validation.strict=false"),
        ("[dev]\npermissive = true", None, "INFO: dev-permissive mode enabled by dev.permissive=true"),
        (BEARER + "[dev]\npermissive = true", None, "WARNING: dev-permissive mode enabled"),
        ('[server]\nmode = "dev_permissive"', None, "enabled by server.mode=dev_permissive (legacy)"),
        ("[dev]\npermissive = true\npermissive_ttl_days = 2", 2 * DAY_MS, "TTL exceeded: the file is 2 days old"),
    ],
)
def test_what_is_unusual_has_a_line_of_its_own(text, age, expected):
    assert any(expected in line for line in notices(text, age))


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("[dev]\npermissive = true\npermissive_ttl_days = 2", 2 * DAY_MS - 1),
        ("[dev]\npermissive = true\npermissive_ttl_days = 2", None),
        ("[dev]\npermissive = true", 100 * DAY_MS),
    ],
)
def test_a_young_file_or_one_without_ttl_is_not_complained_about(text, age):
    assert not any("TTL" in line for line in notices(text, age))


def test_the_notice_of_dev_permissive_mode_can_be_switched_off():
    assert not any("dev-permissive" in line for line in notices("[dev]\npermissive = true\npermissive_warn = false"))


@pytest.mark.parametrize(
    ("preset", "warned"),
    [("hardened", 2), ("container-prod", 2), ("default-recommended", 0), ("quickstart-dev", 0), ("ci-release-gate", 0)],
)
def test_the_presets_with_a_published_token_warn_of_it_and_of_the_clock(preset, warned):
    """Deviation X14: they keep what the reference's have, and say so."""
    text = resources.files("decision_gate.mcp.cli.presets").joinpath(f"{preset}.toml").read_text(encoding="utf-8")

    lines = [line for line in notices(text) if "token of this server" in line or "time.source" in line]

    assert [line.split()[1] for line in lines] == ["WARNING:"] * warned
