"""``decision-gate provider``: which questions can be asked, and what the answers are."""

from pathlib import Path

import click

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue
from decision_gate.mcp.cli.asking import ask, known_checks
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import write_json
from decision_gate.mcp.cli.set_option import Assignment
from decision_gate.mcp.clock import SystemClock

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def provider() -> None:
    """List the built-in evidence providers, and ask them one question."""


@provider.command(name="list", cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate provider list --format text")
@click.option("--format", "form", type=click.Choice(("json", "text")), default="json", show_default=True, help="Form.")
@_json_option
def list_command(*, form: str, as_json: bool) -> None:
    """List the built-in providers and their checks."""
    checks = known_checks()
    if form == "json" or as_json:
        listed: list[JsonValue] = [
            {"provider_id": name, "transport": "builtin", "checks": list(ids)} for name, ids in checks.items()
        ]
        write_json({"providers": listed})
        return
    for name, ids in checks.items():
        click.echo(f"{name}: {', '.join(ids)}")


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
