"""The frame of the command line: help, version, refusals, and what a help text may cost (contract §3.1)."""

import subprocess
import sys

import click
import pytest

from decision_gate.mcp.cli.main import root

LIGHT = """\
import sys
from decision_gate.mcp.cli.main import run
run({arguments!r})
loaded = [name for name in sys.modules if name.split(".")[0] in {heavy!r} or name == "decision_gate.core"]
print(loaded, file=sys.stderr)
"""
HEAVY = (
    "rich",
    "orjson",
    "cattrs",
    "starlette",
    "uvicorn",
    "mcp",
    "cryptography",
    "yaml",
    "sqlite3",
    "httpx",
    "asyncio",
)


@pytest.mark.parametrize("arguments", [["--help"], [], ["--version"]])
def test_help_and_version_import_nothing_heavy(arguments):
    program = LIGHT.format(arguments=arguments, heavy=HEAVY)

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=120, check=True
    )

    assert ended.stderr.strip() == "[]"


def test_without_a_command_the_help_is_shown(cli):
    ran = cli()

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == cli("--help").out


def test_the_version_is_one_line(cli):
    ran = cli("--version")

    assert (ran.code, ran.out.split()[0], ran.out.count("\n")) == (0, "decision-gate", 1)


@pytest.mark.parametrize(
    "arguments", [["runpck"], ["gate"], ["gate", "--nope"], ["runpack", "verify", "a", "--runpack-dir", "b"]]
)
def test_arguments_that_cannot_be_understood_are_a_usage_error(cli, arguments):
    ran = cli(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: decision-gate")


def test_an_unknown_command_is_answered_with_the_nearest(cli):
    assert "Did you mean 'runpack'?" in cli("runpck").err


def families():
    context = click.Context(root)
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        yield from ([(name, sub) for sub in command.commands] if isinstance(command, click.Group) else [(name,)])


@pytest.mark.parametrize("path", list(families()), ids=" ".join)
def test_every_command_shows_examples_in_its_help(cli, path):
    ran = cli(*path, "--help")

    assert ran.code == 0
    assert path == ("serve",) or "Examples:" in ran.out
