"""What is in effect can be shown to anybody: every default, no secret."""

import tomllib

from decision_gate.core.json import parse, plain
from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.config_view.effective import effective
from decision_gate.mcp.config_view.toml_text import toml_text
from decision_gate.mcp.opening.built_in import offers_of

OFFERS = offers_of(PluginsTable())
SECRETS = """
[server]
transport = "http"
bind = "127.0.0.1:4000"
[server.auth]
mode = "bearer_token"
bearer_tokens = ["tell-nobody", { env = "TOKEN" }, { file = "run/secrets/token" }]
[namespace.authority]
mode = "assetcore_http"
assetcore = { base_url = "https://me:tell-nobody@assets", auth_token = "tell-nobody" }
[[providers]]
name = "facts"
type = "mcp"
url = "https://me:tell-nobody@facts"
capabilities_path = "facts.json"
auth = { bearer_token = "tell-nobody" }
[[providers]]
name = "env"
type = "builtin"
config = { overrides = { KEY = "tell-nobody" } }
"""


def test_no_secret_is_shown_but_every_reference_is(parsed):
    shown = effective(parsed(SECRETS), OFFERS)

    assert b"tell-nobody" not in plain(shown)
    assert shown["server"]["auth"]["bearer_tokens"] == [
        {"literal": "(hidden)"},
        {"env": "TOKEN"},
        {"file": "run/secrets/token"},
    ]
    assert shown["providers"][0]["url"] == "https://(hidden)@facts"
    assert shown["providers"][1]["config"]["overrides"] == {"KEY": "(hidden)"}


def test_defaults_are_written_out_and_what_follows_from_others_is_resolved(parsed):
    shown = effective(parsed(""), OFFERS)

    assert shown["server"]["limits"] == {"max_inflight": 256}
    assert shown["time"] == {"source": "caller", "max_skew_ms": 60_000}
    assert "authenticator" not in shown


def test_the_text_reads_back_as_what_it_was_written_from(parsed):
    shown = effective(parsed(SECRETS), OFFERS)

    assert tomllib.loads(toml_text(shown)) == parse(plain(shown))


def test_the_text_of_a_configuration_without_secrets_is_a_configuration_with_the_same_effect(parsed):
    text = '[[providers]]\nname = "json"\ntype = "builtin"\nconfig = { root = ".", root_id = "here" }\n'
    shown = effective(parsed(text), OFFERS)

    again = effective(parsed(toml_text(shown)), OFFERS)

    assert again == shown


def test_the_profiles_of_clients_may_stand_in_the_file_and_show_no_token(parsed):
    text = '[client.auth_profiles.ci]\nbearer_token = "tell-nobody"\nclient_subject = "CN=ci"\n'

    shown = effective(parsed(text), OFFERS)

    assert shown["client"] == {
        "auth_profiles": {"ci": {"bearer_token": {"literal": "(hidden)"}, "client_subject": "CN=ci"}}
    }
