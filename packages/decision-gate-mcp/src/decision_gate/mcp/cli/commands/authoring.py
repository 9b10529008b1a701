"""The reference's names for ``scenario validate`` and ``scenario normalize`` (contract §3.2)."""

from pathlib import Path

import click

from decision_gate.core.codec import canonical_record, hash_record
from decision_gate.core.json import JsonValue
from decision_gate.mcp.authoring import Authored, DocumentLanguage, read_scenario_file
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import write_json

_input_option = click.option(
    "--input", "document", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Scenario document."
)
_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["json", "ron"]),
    help="Language of the document; by its extension when absent.",
)

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def authoring() -> None:
    """Check and translate scenarios; `scenario` does the same and more."""


@authoring.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate authoring validate --input release.json")
@_input_option
@_format_option
@_json_option
def validate(*, document: Path, form: str | None, as_json: bool) -> None:
    """Check a scenario and name every fault; exit code 1 when there is one."""
    authored = read_scenario_file(document, _language(form), is_for_author=True)
    if as_json:
        write_json(_identity(authored))
    else:
        click.echo(_summary(authored))


@authoring.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate authoring normalize --input release.yaml --output release.json",
)
@_input_option
@_format_option
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead.")
@click.option("--json", "as_json", is_flag=True, help="With --output, tell in JSON what was written.")
def normalize(*, document: Path, form: str | None, output: Path | None, as_json: bool) -> None:
    """Print the wire form of a scenario as canonical JSON, and its summary on the error stream."""
    authored = read_scenario_file(document, _language(form))
    content = canonical_record(authored.spec)
    if output is None:
        click.echo(content, nl=False)
        click.echo(_summary(authored), err=True)
        return
    output.write_bytes(content)
    if as_json:
        write_json({**_identity(authored), "output": str(output)})
        return
    click.echo(f"wrote {output}")
    click.echo(_summary(authored))


def _language(form: str | None) -> DocumentLanguage | None:
    return None if form is None else DocumentLanguage(form)


def _identity(authored: Authored) -> dict[str, JsonValue]:
    return {"scenario_id": authored.spec.scenario_id, "spec_hash": hash_record(authored.spec).value}


def _summary(authored: Authored) -> str:
    spec_hash = hash_record(authored.spec).value
    return f"ScenarioSpec valid (scenario_id={authored.spec.scenario_id}, spec_hash={spec_hash})"
