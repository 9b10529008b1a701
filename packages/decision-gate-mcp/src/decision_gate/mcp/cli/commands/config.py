"""``decision-gate config``: check a configuration, show what is in effect, print its schema."""

import os

import click

from decision_gate.mcp.cli.configuration import load_configuration
from decision_gate.mcp.cli.exit_codes import FAILED
from decision_gate.mcp.cli.handled import HandledCommand, RefusalError
from decision_gate.mcp.cli.language import told
from decision_gate.mcp.cli.output import prints_json, write_json
from decision_gate.mcp.config_view.effective import effective
from decision_gate.mcp.config_view.schema import config_schema
from decision_gate.mcp.config_view.toml_text import toml_text

_config_option = click.option(
    "--config", "path", default=None, help="Configuration file; decision-gate.toml here unless given."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def config() -> None:
    """Check a server's configuration, show what is in effect, print the schema of the file."""


@config.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate config validate\n  decision-gate config validate --config prod.toml --json",
)
@_config_option
@_json_option
@click.pass_context
def validate(ctx: click.Context, *, path: str | None, as_json: bool) -> None:
    """Check the file and the settings of its providers; nothing is opened, no secret is looked up."""
    try:
        load_configuration(path, os.environ)
    except RefusalError as error:
        if not as_json:
            raise
        write_json({"valid": False, "error": error.format_message()})
        ctx.exit(FAILED)
    if as_json:
        write_json({"valid": True, "error": None})
    else:
        click.echo(told("Config valid."))  # the sentence of the reference (contract §3.2)


@config.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate config show\n  decision-gate config show --config prod.toml --json",
)
@_config_option
@_json_option
def show(*, path: str | None, as_json: bool) -> None:
    """Print what is in effect, every default included; secrets show only as the references that name them."""
    loaded = load_configuration(path, os.environ)
    shown = effective(loaded.config, loaded.offers)
    if as_json:
        write_json(shown)
    else:
        click.echo(toml_text(shown), nl=False)


@config.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate config schema > decision-gate.schema.json",
)
@prints_json
def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of the file, for editors."""
    write_json(config_schema())
