"""``decision-gate provider``: which questions can be asked, and what the answers are."""

import os
from pathlib import Path

import click

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue
from decision_gate.mcp.cli.asking import ask, built_in_providers, configured_providers
from decision_gate.mcp.cli.configuration import load_configuration
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import write_json
from decision_gate.mcp.cli.set_option import Assignment
from decision_gate.mcp.clock import SystemClock

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def provider() -> None:
    """List evidence providers, and ask one of the built-in ones a question."""


@provider.command(
    name="list",
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate provider list --format text\n"
    "  decision-gate provider list --config decision-gate.toml",
)
@click.option("--config", "path", help="List what the server of this configuration has, plug-ins included.")
@click.option("--format", "form", type=click.Choice(("json", "text")), default="json", show_default=True, help="Form.")
@_json_option
def list_command(*, path: str | None, form: str, as_json: bool) -> None:
    """List the built-in providers, or those of a configuration, and their checks. Nothing is asked or started."""
    listed = built_in_providers() if path is None else configured_providers(load_configuration(path, os.environ))
    if form == "json" or as_json:
        write_json({"providers": [entry.wire() for entry in listed]})
        return
    for entry in listed:
        click.echo(f"{entry.provider_id}: {', '.join(entry.checks) or '(no contract)'}")


@provider.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate provider query json path --root build "
    "--param 'file=\"coverage.json\"' --param 'jsonpath=\"$.totals\"'\n"
    "  decision-gate provider query time now",
)
@click.argument("provider_id", metavar="PROVIDER")
@click.argument("check_id", metavar="CHECK")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Folder of the evidence. Default: the working directory.",
)
@click.option("--param", "params", type=Assignment("NAME=JSON"), multiple=True, help="A parameter of the check.")
@_json_option
def query(
    *, provider_id: str, check_id: str, root: Path, params: tuple[tuple[str, JsonValue], ...], as_json: bool
) -> None:
    """Ask a provider one question, as a scenario would, and print the answer."""
    answer = ask(provider_id, check_id, dict(params) if params else None, root, SystemClock().now_ms())
    if as_json:
        write_json(encode(answer))
    elif answer.error is not None:
        click.echo(f"error {answer.error.code}: {answer.error.message}")
    else:
        write_json(None if answer.value is None else encode(answer.value)["value"])
