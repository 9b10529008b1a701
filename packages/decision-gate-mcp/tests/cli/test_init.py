"""``init``: what is laid out works at once, and nothing that was there is touched."""

import tomllib

import jsonschema_rs
import pytest

from decision_gate.core.json import parse
from decision_gate.mcp.cli.laying_out import PRESETS, STARTERS


@pytest.mark.parametrize("starter", STARTERS)
def test_a_starter_holds_at_first_and_says_why(cli, tmp_path, starter):
    assert cli("init", tmp_path, "--starter", starter).code == 0

    ran = cli("gate", tmp_path / "scenario.yaml", "--root", tmp_path / "evidence", "--json")

    assert ran.code in (3, 4)
    assert all(gate["status"] == "True" or gate["reasons"] for gate in ran.json["gates"])


@pytest.mark.parametrize("preset", [None, *PRESETS])
@pytest.mark.parametrize("starter", STARTERS)
def test_the_configuration_has_every_provider_that_the_scenario_asks(cli, tmp_path, starter, preset):
    cli("init", tmp_path, "--starter", starter, *([] if preset is None else ["--preset", preset]))

    asked = {entry["query"]["provider_id"] for entry in conditions(cli, tmp_path)}
    shown = cli("config", "show", "--config", tmp_path / "decision-gate.toml", "--json").json

    assert asked <= {provider["name"] for provider in shown["providers"]}


def conditions(cli, folder):
    return cli("scenario", "show", folder / "scenario.yaml", "--json").json["conditions"]


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_the_configuration_matches_the_schema_that_its_first_line_names(cli, tmp_path, preset):
    cli("init", tmp_path, *([] if preset is None else ["--preset", preset]))

    text = (tmp_path / "decision-gate.toml").read_text(encoding="utf-8")
    named = text.splitlines()[0].removeprefix("#:schema ")
    schema = parse((tmp_path / named).read_bytes())

    jsonschema_rs.validate(schema, tomllib.loads(text))


def test_what_is_there_stays_unless_forced(cli, tmp_path):
    (tmp_path / "decision-gate.toml").write_text("mine", encoding="utf-8")

    refused = cli("init", tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    forced = cli("init", tmp_path, "--force")

    assert (refused.code, before, forced.code) == (1, ["decision-gate.toml"], 0)
    assert "decision-gate.toml" in refused.err
