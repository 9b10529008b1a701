"""Commands of another distribution: only the trusted one's, and only for words that the open command line lacks."""

import sys

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.cli.further_commands import further_command

MODULE = """\
import click

@click.command()
def cloud():
    click.echo("above the clouds")

something_else = 1
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a distribution that offers commands where this process finds it."""

    def install(distribution, module, **commands):
        (tmp_path / f"{module}.py").write_text(MODULE, encoding="utf-8")
        metadata = tmp_path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.4\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8"
        )
        lines = "".join(f"{name} = {module}:{attribute}\n" for name, attribute in commands.items())
        (metadata / "entry_points.txt").write_text(f"[decision_gate.commands]\n{lines}", encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)

    return install


def test_a_command_of_the_trusted_distribution_runs_and_another_ones_is_not_even_imported(installed, cli):
    installed("decision-gate-enterprise", "trusted_commands", skies="cloud", gate="something_else")
    installed("decision-gate-lookalike", "lookalike_commands", skies="something_else", moon="cloud")

    assert cli("skies").out == "above the clouds\n"
    assert cli("moon").code == 2
    assert "lookalike_commands" not in sys.modules


def test_help_lists_the_commands_of_the_trusted_distribution_without_importing_them(installed, cli):
    installed("decision-gate-enterprise", "listed_commands", skies="cloud", gate="something_else")
    installed("decision-gate-lookalike", "unlisted_commands", moon="cloud")

    told = cli("--help").out

    assert "Further commands:\n" in told
    assert "  skies  Brought by decision-gate-enterprise.\n" in told
    assert "moon" not in told
    assert "listed_commands" not in sys.modules


def test_a_command_of_the_open_line_cannot_be_replaced(installed, cli):
    installed("decision-gate-enterprise", "replacing_commands", gate="cloud")

    assert "Usage: decision-gate gate" in cli("gate", "--help").out


def test_an_offer_that_is_no_command_is_a_refusal_and_not_a_traceback(installed, cli):
    installed("decision-gate-enterprise", "broken_commands", dusk="something_else", dawn="nothing")

    with pytest.raises(DecisionGateError) as refused:
        further_command("dusk")
    ran = cli("dawn")

    assert refused.value.code == "offer_broken"
    assert (ran.code, ran.out) == (1, "")
    assert "decision_gate.commands `dawn` cannot be loaded" in ran.err
