"""``config``: check the file, show what is in effect, print the schema."""

import pytest

from decision_gate.core.json import parse, plain
from decision_gate.mcp.config_view.schema import config_schema

ENV = '[[providers]]\nname = "env"\ntype = "builtin"\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_configuration_that_can_work_is_valid_without_its_secrets_and_folders(cli, folder):
    text = (
        '[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n'
        '[server.auth]\nmode = "bearer_token"\nbearer_tokens = [{ env = "NOT_SET" }]\n'
        '[[providers]]\nname = "json"\ntype = "builtin"\nconfig = { root = "not-there", root_id = "r" }\n'
    )
    (folder / "decision-gate.toml").write_text(text, encoding="utf-8")

    ran = cli("config", "validate")

    assert (ran.code, ran.out, ran.err) == (0, "Config valid.\n", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nmax_body_bytes = 0", "invalid config: max_body_bytes must be greater than zero"),
        ("[servr]", "config parse error: unknown key `servr` in the file (did you mean `server`?)"),
        (
            ENV + "config = { denylst = [] }",
            "config parse error: unknown key `denylst` in [providers.env.config] (did you mean `denylist`?)",
        ),
    ],
)
def test_a_configuration_that_cannot_work_is_told_in_one_line(cli, folder, text, said):
    (folder / "other.toml").write_text(text, encoding="utf-8")

    ran = cli("config", "validate", "--config", "other.toml")
    as_json = cli("config", "validate", "--config", "other.toml", "--json")

    assert (ran.code, ran.out, ran.err) == (1, "", f"Failed to load config: {said}\n")
    assert (as_json.code, as_json.json) == (1, {"valid": False, "error": f"Failed to load config: {said}"})


def test_a_missing_file_is_named(cli, folder):
    del folder
    assert cli("config", "show").err == (
        "Failed to load config: config io error: decision-gate.toml: No such file or directory\n"
    )


def test_what_is_in_effect_is_shown_as_text_and_as_json(cli, folder):
    (folder / "decision-gate.toml").write_text(ENV + 'config = { denylist = ["KEY"] }', encoding="utf-8")

    as_json = cli("config", "show", "--json").json
    text = cli("config", "show").out

    assert as_json["providers"][0]["config"] == {
        "denylist": ["KEY"],
        "max_key_bytes": 255,
        "max_value_bytes": 65536,
    }
    assert '\n[server]\ntransport = "stdio"\n' in text


def test_the_schema_is_printed(cli):
    assert cli("config", "schema").json == parse(plain(config_schema()))
