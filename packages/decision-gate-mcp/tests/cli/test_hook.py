"""``hook pre-tool-use``: what passes is not refused, what holds is, and what cannot be judged is refused too."""

import io
import sys
from types import SimpleNamespace

import pytest

from decision_gate.core.json import plain

SCENARIO = """\
scenario: push
evidence:
  coverage: {json: path, file: coverage.json, jsonpath: $.percent, at_least: 85}
stages:
  ready:
    gate: coverage
"""


@pytest.fixture
def hooked(cli, write, tmp_path, monkeypatch):
    """Return a function that judges a shell command with the given coverage."""

    def call(percent, *options, command="git push origin main", document=None):
        write(push__yaml=SCENARIO, coverage__json={"percent": percent})
        told = {
            "session_id": "s",
            "cwd": str(tmp_path),
            "hook_event_name": "PreToolUse",
            "tool_name": "Bash",
            "tool_input": {"command": command, "description": "Publish the branch"},
            "tool_use_id": "toolu_1",
        }
        content = plain(told) if document is None else document
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        return cli("hook", "pre-tool-use", tmp_path / "push.yaml", "--root", tmp_path, *options)

    return call


def test_a_call_that_passes_goes_on_to_the_agents_own_permissions(hooked):
    ran = hooked(85)

    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_call_that_is_held_is_denied_with_what_is_still_needed(hooked):
    ran = hooked(82.3)

    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": "Decision Gate holds push at ready: ready: coverage 82.3, needs at least 85 "
            "(+2.7). Do what is missing; do not look for a way around it.",
        }
    }


@pytest.mark.parametrize(
    ("command", "is_judged"),
    [
        ("ls", False),
        ("git status", False),
        ("git push", True),
        ("cd x && git   push -f", True),
        ("git \\\n push", True),
        ("sh -c 'git push'", True),
    ],
)
def test_only_calls_with_the_pattern_in_them_are_judged_whatever_stands_around_it(hooked, command, is_judged):
    ran = hooked(0, "--when", r"\bgit push\b", command=command)

    assert (ran.out != "") == is_judged


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"[]",
        b'{"hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{}}',
        b'{"hook_event_name":"PreToolUse","tool_name":"Bash"}',
        b'{"hook_event_name":"PreToolUse","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{}}',
    ],
)
def test_what_cannot_be_read_is_refused(hooked, document):
    ran = hooked(100, document=document)

    assert (ran.code, ran.out) == (2, "")
    assert "cannot judge this call, so it is refused" in ran.err


def test_a_scenario_that_cannot_be_used_refuses_every_call(hooked, cli, tmp_path):
    hooked(100)
    (tmp_path / "push.yaml").write_text("scenario: x", encoding="utf-8")

    ran = cli("hook", "pre-tool-use", tmp_path / "push.yaml")

    assert (ran.code, ran.out) == (2, "")


def test_a_failure_that_nobody_foresaw_refuses_the_call(hooked, monkeypatch):
    def broken(*_arguments, **_options):
        raise RuntimeError("boom")

    monkeypatch.setattr("decision_gate.mcp.cli.gating.drive", broken)
    ran = hooked(100)

    assert (ran.code, ran.out) == (2, "")
    assert "boom" in ran.err


def test_every_judgement_is_kept_where_a_store_is_named(hooked, cli, tmp_path):
    store = tmp_path / "runs.db"

    hooked(100, "--store", store)
    hooked(0, "--store", store)

    runs = cli("store", "list", "--store-path", store, "--format", "json").json["runs"]
    assert len(runs) == 2
