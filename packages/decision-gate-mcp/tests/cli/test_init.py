"""``init``: what is laid out works at once, and nothing that was there is touched."""

import pytest

from decision_gate.mcp.cli.laying_out import STARTERS
from decision_gate.mcp.config import load_config
from decision_gate.mcp.opening.built_in import offers_of


@pytest.mark.parametrize("starter", STARTERS)
def test_a_starter_holds_at_first_and_says_why(cli, tmp_path, starter):
    assert cli("init", tmp_path, "--starter", starter).code == 0

    ran = cli("gate", tmp_path / "scenario.yaml", "--root", tmp_path / "evidence", "--json")

    assert ran.code in (3, 4)
    assert all(gate["status"] == "True" or gate["reasons"] for gate in ran.json["gates"])


def test_the_configuration_can_be_loaded(cli, tmp_path):
    cli("init", tmp_path)

    loaded = load_config(tmp_path / "decision-gate.toml", lambda plugins: offers_of(plugins).settings_of)

    assert [provider.name for provider in loaded.config.providers] == ["json", "time", "env"]


def test_what_is_there_stays_unless_forced(cli, tmp_path):
    (tmp_path / "decision-gate.toml").write_text("mine", encoding="utf-8")

    refused = cli("init", tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    forced = cli("init", tmp_path, "--force")

    assert (refused.code, before, forced.code) == (1, ["decision-gate.toml"], 0)
    assert "decision-gate.toml" in refused.err
