"""``decision-gate cloud backup``, ``restore`` and ``verify``."""

from pathlib import Path

import attrs
import click

from decision_gate.enterprise.backup import (
    MANIFEST_NAME,
    Examination,
    deployment_of,
    make_backup,
    restore_backup,
    verify_backup,
    verify_deployment,
)
from decision_gate.enterprise.cli.deployment import in_deployment, opened_configuration
from decision_gate.enterprise.database import now_ms
from decision_gate.mcp.cli.exit_codes import FAILED, OK
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import printable, write_json

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud backup /backup/2026-11-24 --dir gate")
@click.argument("target", type=_FOLDER)
@in_deployment
@click.option("--with-keys", is_flag=True, help="Copy the folder keys too; such a backup can sign in your name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def backup(*, target: Path, folder: Path, config: str | None, with_keys: bool, as_json: bool) -> None:
    """Copy a deployment to the new folder TARGET while it serves, and verify the copy."""
    whole = target.absolute()
    with opened_configuration(folder, config) as found:
        deployment = deployment_of(Path.cwd(), found.path, found.config)
        manifest = make_backup(deployment, whole, at_ms=now_ms(), with_keys=with_keys)
    examination = verify_backup(whole, manifest)
    _report(examination, as_json=as_json, place=str(target))


@click.command(
    cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud restore /backup/2026-11-24 --dir elsewhere"
)
@click.argument("source", metavar="BACKUP", type=_FOLDER)
@click.option("--dir", "folder", type=_FOLDER, required=True, help="New folder of the deployment.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def restore(*, source: Path, folder: Path, as_json: bool) -> None:
    """Put the verified content of BACKUP into a new folder; its keys too, when it has them."""
    manifest = restore_backup(source, folder)
    has_keys = any(entry.path.startswith("keys/") for entry in manifest.files)
    if as_json:
        write_json({"target": str(folder), "files": len(manifest.files), "has_keys": has_keys})
        return
    click.echo(f"{folder}: {len(manifest.files)} files, verified")
    if not has_keys:
        click.echo(f"The backup has no keys: put the deployment's into {folder / 'keys'} before it serves.")


@click.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate cloud verify --dir gate\n"
    "  decision-gate cloud verify --dir /backup/2026-11-24",
)
@in_deployment
@click.option("--kept", type=_FOLDER, help="Snapshots kept elsewhere, to be held against it too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(*, folder: Path, config: str | None, kept: Path | None, as_json: bool) -> None:
    """Hash everything again: runs, scenarios, schemas, run packs, ledger, audit log; a backup against its manifest.

    With --kept an old copy is told from the newest one. Exit code 1 when something does not hold; it is named.
    """
    kept = None if kept is None else kept.resolve()
    if (folder / MANIFEST_NAME).is_file():
        examination = verify_backup(folder, kept=kept)
    else:
        with opened_configuration(folder, config) as found:
            examination = verify_deployment(deployment_of(Path.cwd(), found.path, found.config), kept=kept)
    _report(examination, as_json=as_json, place=str(folder))


def _report(examination: Examination, *, as_json: bool, place: str) -> None:
    counts = attrs.asdict(examination, filter=lambda field, _value: field.name != "problems")
    if as_json:
        write_json(
            {
                "place": place,
                "is_sound": examination.is_sound,
                **counts,
                "problems": [{"place": problem.place, "reason": problem.reason} for problem in examination.problems],
            }
        )
    else:
        for problem in examination.problems:
            click.echo(printable(str(problem)))
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
        click.echo(f"{place}: {'sound' if examination.is_sound else 'NOT SOUND'} ({told})")
    click.get_current_context().exit(OK if examination.is_sound else FAILED)
