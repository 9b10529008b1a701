"""``mcp config``: every client's own format, no token in any, and nothing else touched in its file."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from decision_gate.mcp.cli.mcp_clients import McpClient, client_file

LOCAL = '[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n'
TOKEN = LOCAL + '[server.auth]\nmode = "bearer_token"\nbearer_tokens = ["tell-nobody"]\n'
URL = "http://127.0.0.1:4000/mcp"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(folder, text):
    (folder / "decision-gate.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("client", "entry"),
    [
        ("claude-code", {"mcpServers": {"decision-gate": {"type": "http", "url": URL}}}),
        ("cursor", {"mcpServers": {"decision-gate": {"url": URL}}}),
        ("vscode", {"servers": {"decision-gate": {"type": "http", "url": URL}}}),
        ("codex", {"mcp_servers": {"decision-gate": {"url": URL}}}),
        ("generic", {"mcpServers": {"decision-gate": {"type": "http", "url": URL}}}),
    ],
)
def test_a_running_server_is_named_by_its_address(cli, folder, client, entry):
    configure(folder, LOCAL)

    text = cli("mcp", "config", "--client", client).out
    as_json = cli("mcp", "config", "--client", client, "--json").json

    assert (tomllib.loads if client == "codex" else json.loads)(text) == entry
    assert as_json["entry"] == entry


@pytest.mark.parametrize(
    ("client", "place"),
    [
        ("claude-code", '"Authorization": "Bearer ${DECISION_GATE_TOKEN}"'),
        ("cursor", '"Authorization": "Bearer ${env:DECISION_GATE_TOKEN}"'),
        ("vscode", '"Authorization": "Bearer ${input:decision-gate-token}"'),
        ("codex", 'bearer_token_env_var = "DECISION_GATE_TOKEN"'),
    ],
)
def test_a_token_is_named_and_never_written(cli, folder, client, place):
    configure(folder, TOKEN)

    ran = cli("mcp", "config", "--client", client)

    assert place in ran.out
    assert "tell-nobody" not in ran.out + ran.err


def test_the_variable_of_the_configuration_is_the_one_that_the_client_reads(cli, folder):
    configure(folder, TOKEN.replace('"tell-nobody"', '{ env = "GATE" }'))

    assert "Bearer ${GATE}" in cli("mcp", "config", "--client", "claude-code").out


@pytest.mark.parametrize(
    ("bind", "url"),
    [("0.0.0.0:8080", "http://127.0.0.1:8080/mcp"), ("[::]:8080", "http://[::1]:8080/mcp")],
)
def test_an_address_that_means_every_one_is_reached_by_loopback_unless_another_is_given(cli, folder, bind, url):
    configure(folder, TOKEN.replace("127.0.0.1:4000", bind))

    own = cli("mcp", "config", "--client", "generic", "--json").json
    given = cli("mcp", "config", "--client", "generic", "--json", "--url", "https://gate.example.com/mcp").json

    assert own["entry"]["mcpServers"]["decision-gate"]["url"] == url
    assert given["entry"]["mcpServers"]["decision-gate"]["url"] == "https://gate.example.com/mcp"


def test_the_command_of_a_server_that_the_client_starts_works_from_anywhere(cli, folder):
    configure(folder, LOCAL)
    entry = cli("mcp", "config", "--client", "claude-desktop", "--json").json["entry"]["mcpServers"]["decision-gate"]
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
    program = [sys.executable, "-c", "from decision_gate.mcp.cli.main import main; main()"]

    ended = subprocess.run(
        [*program, *entry["args"]],
        cwd="/",
        env=dict(os.environ),
        input=b"Content-Length: %d\r\n\r\n%b" % (len(body), body),
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert Path(entry["command"]).name == "decision-gate"
    assert entry["args"] == ["serve", "--folder", str(folder), "--transport", "stdio"]
    assert b"scenario_define" in ended.stdout


@pytest.mark.parametrize(
    ("config", "client", "said"),
    [
        (TOKEN, "claude-desktop", "add it as a connector in the client's settings, with the address " + URL),
        (LOCAL + "[server.mcp]\nenabled = false", "cursor", "server.mcp.enabled is false"),
        (
            LOCAL + '[server.auth]\nmode = "mtls"\nmtls_subjects = ["CN=a"]',
            "cursor",
            "mcp clients have no client certificates",
        ),
    ],
)
def test_what_a_client_cannot_do_is_told(cli, folder, config, client, said):
    configure(folder, config)

    ran = cli("mcp", "config", "--client", client)

    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


@pytest.mark.parametrize("client", ["claude-code", "cursor", "vscode", "codex"])
def test_an_entry_is_written_once_beside_what_is_there(cli, folder, client):
    configure(folder, TOKEN)
    file = client_file(McpClient(client), {})
    file.parent.mkdir(exist_ok=True)
    before = '# mine\n[mcp_servers.other]\nurl = "x"\n' if client == "codex" else '{"mine": [1, {"a": "b"}]}'
    file.write_text(before, encoding="utf-8")

    first, second = (cli("mcp", "config", "--client", client, "--write") for _ in range(2))

    text = file.read_text(encoding="utf-8")
    assert (first.out, second.out) == (f"wrote {file}\n", f"unchanged {file}\n")
    if client == "codex":
        assert text.startswith(before)
        assert set(tomllib.loads(text)["mcp_servers"]) == {"other", "decision-gate"}
    else:
        assert json.loads(text).items() >= json.loads(before).items()


def test_another_entry_of_the_same_name_is_replaced_only_by_force(cli, folder):
    configure(folder, LOCAL)
    (folder / ".mcp.json").write_text('{"mcpServers": {"decision-gate": {"url": "x"}, "b": {}}}', encoding="utf-8")

    refused = cli("mcp", "config", "--client", "claude-code", "--write")
    forced = cli("mcp", "config", "--client", "claude-code", "--write", "--force")

    assert (refused.code, forced.code) == (1, 0)
    assert "another decision-gate" in refused.err
    assert json.loads((folder / ".mcp.json").read_bytes())["mcpServers"] == {
        "decision-gate": {"type": "http", "url": URL},
        "b": {},
    }


@pytest.mark.parametrize("content", ["{ // a comment\n}", "[1]"])
def test_a_file_that_would_lose_something_is_left_alone(cli, folder, content):
    configure(folder, LOCAL)
    file = folder / ".vscode" / "mcp.json"
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")

    ran = cli("mcp", "config", "--client", "vscode", "--write")

    assert ran.code == 1
    assert "by hand" in ran.err
    assert file.read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/Claude/claude_desktop_config.json"),
        ("linux", {"HOME": "/h"}, "/h/.config/Claude/claude_desktop_config.json"),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "/x/Claude/claude_desktop_config.json"),
        ("win32", {"APPDATA": "/a"}, "/a/Claude/claude_desktop_config.json"),
    ],
)
def test_claude_desktop_has_its_file_where_the_system_keeps_settings(platform, environment, expected):
    assert client_file(McpClient.CLAUDE_DESKTOP, environment, platform) == Path(expected)
