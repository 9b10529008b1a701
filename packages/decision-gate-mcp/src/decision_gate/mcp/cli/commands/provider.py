"""``decision-gate provider``: which questions can be asked, and what the answers are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import attrs
import click

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue, canonical
from decision_gate.mcp.cli.asking import ask, built_in_providers, configured_providers
from decision_gate.mcp.cli.circuits import running_circuits
from decision_gate.mcp.cli.configuration import load_configuration
from decision_gate.mcp.cli.handled import HandledCommand, RefusalError
from decision_gate.mcp.cli.output import prints_json, write_json
from decision_gate.mcp.cli.set_option import Assignment
from decision_gate.mcp.clock import SystemClock
from decision_gate.mcp.config import config_path
from decision_gate.mcp.errors import ResponseTooLargeError
from decision_gate.mcp.evidence.discovery import ProviderDiscovery
from decision_gate.mcp.hooks.errors import UnauthorizedError

_config_option = click.option(
    "--config", "path", help="Configuration; decision-gate.toml here unless given, the built-in ones without any."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def provider() -> None:
    """List evidence providers and what each offers, and ask one of the built-in ones a question."""


@provider.command(
    name="list",
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate provider list --format text\n"
    "  decision-gate provider list --config decision-gate.toml\n"
    "  decision-gate provider list --config decision-gate.toml --live",
)
@_config_option
@click.option("--live", "is_live", is_flag=True, help="Ask the running server which programs it started rest.")
@click.option("--format", "form", type=click.Choice(("json", "text")), default="json", show_default=True, help="Form.")
@_json_option
def list_command(*, path: str | None, is_live: bool, form: str, as_json: bool) -> None:
    """List the providers of a configuration, plug-ins included, and their checks; none of them is started.

    With --live the state of each program comes with it: closed (it is asked), open (it failed and rests) or half_open
    (the next question starts it again).
    """
    discovery = _discovery(path)
    if is_live:
        circuits = running_circuits(load_configuration(path, os.environ).config)
        discovery = attrs.evolve(discovery, circuits=lambda: circuits)
    listing = discovery.states()
    size, limit = len(canonical(listing)), discovery.table.max_response_bytes
    if size > limit:
        raise ResponseTooLargeError(size, limit)
    if form == "json" or as_json:
        write_json(listing)
        return
    for entry in cast("list[dict[str, Any]]", listing["providers"]):
        state = f" [{entry['circuit']}]" if "circuit" in entry else ""
        click.echo(f"{entry['provider_id']}{state}: {', '.join(entry['checks']) or '(no contract)'}")


@provider.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExamples:\n  decision-gate provider contract get --provider report",
)
def contract() -> None:
    """Read the contract of a provider."""


@contract.command(
    name="get", cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate provider contract get --provider report"
)
@click.option("--provider", "provider_id", required=True, help="Which one.")
@_config_option
@prints_json
def contract_get(*, provider_id: str, path: str | None) -> None:
    """Print everything that a provider offers, with the hash of its contract."""
    with _told():
        write_json(_discovery(path).contract(provider_id))


@provider.group(
    name="check-schema",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExamples:\n  decision-gate provider check-schema get --provider report --check-id tests.failed",
)
def check_schema() -> None:
    """Read what one check takes and answers."""


@check_schema.command(
    name="get",
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate provider check-schema get --provider report --check-id tests.failed",
)
@click.option("--provider", "provider_id", required=True, help="Which provider.")
@click.option("--check-id", required=True, help="Which check.")
@_config_option
@prints_json
def check_schema_get(*, provider_id: str, check_id: str, path: str | None) -> None:
    """Print the parameters, the answer and the comparators of one check."""
    with _told():
        write_json(_discovery(path).check(provider_id, check_id))


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


def _discovery(path: str | None) -> ProviderDiscovery:
    """Return what may be learned: of the configuration that is named or found, of the built-in ones without any."""
    if path is None and not config_path(None, os.environ).exists():
        return built_in_providers()
    return configured_providers(load_configuration(path, os.environ))


@contextmanager
def _told() -> Iterator[None]:
    """Say why something is not shown: the one who asks here owns the configuration."""
    try:
        yield
    except UnauthorizedError as denied:
        raise RefusalError(denied.reason) from denied
