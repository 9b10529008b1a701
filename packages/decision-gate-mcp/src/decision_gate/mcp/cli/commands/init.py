"""``decision-gate init``: a folder to begin with."""

from pathlib import Path

import click

from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.laying_out import EVIDENCE, PRESETS, SCENARIO, STARTERS, lay_out
from decision_gate.mcp.cli.output import write_json

_EPILOG = """\b
Starters:
  ci          may this build be released?
  agent       an agent loop with a plan, an approval and tests
  disclosure  hand a briefing out after its reader is cleared
  approval    two people of three must agree

\b
Presets, instead of a plain configuration for this machine:
  quickstart-dev       try things out; asserted evidence counts
  default-recommended  one machine, strict in the rest
  container-prod       behind something that ends TLS, callers have tokens
  hardened             one machine, tokens, signed schemas
  ci-release-gate      beside a pipeline

\b
Examples:
  decision-gate init
  decision-gate init review --starter approval
  decision-gate init server --preset hardened
"""


@click.command(cls=HandledCommand, epilog=_EPILOG)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--starter", type=click.Choice(tuple(STARTERS)), default="ci", show_default=True, help="See below.")
@click.option("--preset", type=click.Choice(PRESETS), help="Configuration for another place to run; see below.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def init(*, folder: Path, starter: str, preset: str | None, force: bool, as_json: bool) -> None:
    """Lay out a server configuration, a commented scenario and its evidence in FOLDER (here by default)."""
    written = lay_out(folder, starter, preset, is_forced=force)
    if as_json:
        write_json({"written": [str(path) for path in written]})
        return
    for path in written:
        click.echo(f"wrote {path}")
    at = "" if folder == Path() else f"{folder}/"
    click.echo("\nTry next")
    click.echo(f"  decision-gate gate {at}{SCENARIO} --root {at}{EVIDENCE}")
    exposed = " --allow-non-loopback" if preset == "container-prod" else ""
    click.echo(f"  decision-gate serve{exposed}{'' if folder == Path() else f'   (in {folder})'}")
