"""``decision-gate scenario``: check, translate, hash and print scenario documents."""

import os
from pathlib import Path

import click

from decision_gate.core.codec import canonical_record, encode, hash_record
from decision_gate.mcp.authoring import ScenarioDocumentError, read_scenario_file
from decision_gate.mcp.authoring.spelling import short_yaml
from decision_gate.mcp.cli.configuration import load_configuration
from decision_gate.mcp.cli.exit_codes import FAILED
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import write_json
from decision_gate.mcp.cli.publishing import NoScenarioStoreError, publish_to_file, publish_to_server

_scenario_argument = click.argument("scenario", type=click.Path(path_type=Path, dir_okay=False))
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def scenario() -> None:
    """Check, translate, hash and print scenarios, in the short form or the wire form: YAML, JSON or RON."""


@scenario.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate scenario validate release.yaml")
@_scenario_argument
@_json_option
@click.pass_context
def validate(ctx: click.Context, *, scenario: Path, as_json: bool) -> None:
    """Check SCENARIO and name every fault with file, line and column; exit code 1 when there is one.

    Questions to the built-in providers are held against their contracts. Those of others only a server knows:
    `scenario publish --config` holds a scenario against all that one has.
    """
    try:
        authored = read_scenario_file(scenario, is_for_author=True)
    except ScenarioDocumentError as error:
        if not as_json:
            raise
        write_json({"valid": False, "faults": [fault.wire() for fault in error.faults]})
        ctx.exit(FAILED)
    spec_hash = hash_record(authored.spec).value
    if as_json:
        write_json({"valid": True, "faults": [], "scenario_id": authored.spec.scenario_id, "spec_hash": spec_hash})
    else:
        # The sentence of the reference's ``authoring validate`` (contract §3.2).
        click.echo(f"ScenarioSpec valid (scenario_id={authored.spec.scenario_id}, spec_hash={spec_hash})")


@scenario.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate scenario normalize release.yaml --output release.json",
)
@_scenario_argument
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead.")
@click.option("--json", "as_json", is_flag=True, help="With --output, tell in JSON what was written.")
def normalize(*, scenario: Path, output: Path | None, as_json: bool) -> None:
    """Print the wire form of SCENARIO as canonical JSON: the bytes that are hashed, stored and run."""
    authored = read_scenario_file(scenario)
    content = canonical_record(authored.spec)
    if output is None:
        click.echo(content, nl=False)
        return
    output.write_bytes(content)
    spec_hash = hash_record(authored.spec).value
    if as_json:
        write_json({"output": str(output), "scenario_id": authored.spec.scenario_id, "spec_hash": spec_hash})
        return
    click.echo(f"wrote {output}\nscenario_id={authored.spec.scenario_id}, spec_hash={spec_hash}")


@scenario.command(name="hash", cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate scenario hash release.yaml")
@_scenario_argument
@_json_option
def hash_command(*, scenario: Path, as_json: bool) -> None:
    """Print the spec hash of SCENARIO: the SHA-256 of its canonical wire form."""
    authored = read_scenario_file(scenario)
    spec_hash = hash_record(authored.spec).value
    if as_json:
        write_json({"scenario_id": authored.spec.scenario_id, "spec_hash": spec_hash})
    else:
        click.echo(spec_hash)


@scenario.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate scenario show proof/artifacts/scenario_spec.json\n"
    "  decision-gate scenario show release.yaml --json",
)
@_scenario_argument
@_json_option
def show(*, scenario: Path, as_json: bool) -> None:
    """Print SCENARIO in the short form, or say what does not fit into it; with --json the wire form."""
    authored = read_scenario_file(scenario)
    if as_json:
        write_json(encode(authored.spec))
    else:
        click.echo(short_yaml(authored.spec), nl=False)


@scenario.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate scenario publish release.yaml --config decision-gate.toml\n"
    "  decision-gate scenario publish release.yaml --store runs.db --json",
)
@_scenario_argument
@click.option("--store", type=click.Path(path_type=Path, dir_okay=False), help="Database file of the definitions.")
@click.option("--config", "config", help="Configuration of the server, instead of its file.")
@_json_option
def publish(*, scenario: Path, store: Path | None, config: str | None, as_json: bool) -> None:
    """Make SCENARIO the version that new runs start with; runs that have begun keep theirs.

    Through MCP and JSON-RPC nobody can do this: a definition, once made, stays what it is. With --config SCENARIO
    is held against the contracts of the server's providers, as the server holds what is defined, and its audit is told.
    """
    if store is not None and config is not None:
        raise click.UsageError("--store and --config both say where it is published; name one")
    spec = read_scenario_file(scenario).spec
    if config is not None:
        published = publish_to_server(spec, load_configuration(config, os.environ))
    elif store is not None:
        published = publish_to_file(spec, store)
    else:
        raise NoScenarioStoreError
    if as_json:
        write_json(
            {
                "scenario_id": published.scenario_id,
                "spec_hash": published.spec_hash,
                "previous_spec_hash": published.previous,
            }
        )
        return
    click.echo(f"published scenario_id={published.scenario_id}, spec_hash={published.spec_hash}")
    if published.previous == published.spec_hash:
        click.echo("it was current already")
    elif published.previous is not None:
        click.echo(f"before it was {published.previous}; runs that began with it keep it")
