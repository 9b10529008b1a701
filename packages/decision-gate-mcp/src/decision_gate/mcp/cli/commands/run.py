"""``decision-gate run``: the runs in a database file, for people (the same file as ``store``)."""

from pathlib import Path

import click

from decision_gate.core.engine import ScenarioNotFoundError
from decision_gate.core.ports import RunKey
from decision_gate.core.runpack import ExportRequest
from decision_gate.core.runpack import export as export_pack
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.commands.store import list_command, verify
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.naming import named_folder
from decision_gate.mcp.cli.output import write_json
from decision_gate.mcp.cli.store_place import in_store, of_run
from decision_gate.mcp.cli.store_views import decisions, run_names
from decision_gate.mcp.clock import SystemClock
from decision_gate.mcp.runpacks.directory import DirectoryPack
from decision_gate.mcp.stores.sqlite import SqliteArchive

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def run() -> None:
    """List, show, export and verify the runs in a database file."""


run.add_command(list_command, "list")
run.add_command(verify, "verify-store")


@run.command(
    cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate run show --store-path runs.db --run-id release-2.4.0"
)
@in_store
@of_run
@_json_option
def show(*, path: Path, key: RunKey, as_json: bool) -> None:
    """Show where a run stands and every decision that led there."""
    archive = SqliteArchive(path)
    head = archive.head(key)
    if as_json:
        write_json(
            {
                **run_names(key),
                "scenario_id": head.scenario_id,
                "spec_hash": head.spec_hash,
                "status": head.status.value,
                "current_stage_id": head.current_stage_id,
                "version": head.version,
                "chain_digest": head.digest,
                "decisions": [line.strip() for line in decisions(archive, head)],
            }
        )
        return
    click.echo(f"run {key.run_id} of {head.scenario_id}: {head.status.value} in {head.current_stage_id}")
    for line in decisions(archive, head):
        click.echo(f"  {line}")


@run.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate run export --store-path runs.db --run-id release-2.4.0 --output-dir proof",
)
@in_store
@of_run
@click.option("--output-dir", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder; made.")
@_json_option
def export(*, path: Path, key: RunKey, output_dir: Path, as_json: bool) -> None:
    """Write the run pack of a run, with the report of its verification."""
    archive = SqliteArchive(path)
    head = archive.head(key)
    spec = archive.spec(head)
    if spec is None:
        raise ScenarioNotFoundError(head.scenario_id)
    request = ExportRequest(spec=spec, head=head, generated_at=UnixMillis(SystemClock().now_ms()))
    with named_folder(output_dir, create=True) as opened:
        pack = DirectoryPack(opened)
        exported = export_pack(request, archive, pack, verify_with=pack)
    if as_json:
        write_json({**run_names(key), "root_hash": exported.root_hash, "output_dir": str(output_dir)})
        return
    click.echo(f"run pack in {output_dir}\n  root hash  {exported.root_hash}")
    if exported.exceeds_reference:
        click.echo("  larger than the reference's verifier reads (16 MiB a file)")
