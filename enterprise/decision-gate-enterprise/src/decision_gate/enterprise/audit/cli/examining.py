"""``fsck`` of a deployment's logs, and ``verify`` of what was exported."""

from collections.abc import Sequence
from pathlib import Path

import click

from decision_gate.core.json import JsonValue
from decision_gate.core.runpack import MANIFEST_NAME, read_manifest
from decision_gate.enterprise.audit.chains import compare_chains
from decision_gate.enterprise.audit.cli.place import FOLDER, opened
from decision_gate.enterprise.audit.damage import Damage, Finding
from decision_gate.enterprise.audit.examine import LogReport, examine, with_findings
from decision_gate.enterprise.audit.export import CHECKPOINT_NAME
from decision_gate.enterprise.audit.proving import proved_root_hash
from decision_gate.enterprise.audit.snapshots import SnapshotFolder, kept_checkpoints
from decision_gate.enterprise.audit.tlog import (
    Checkpoint,
    LogFormatError,
    LogProof,
    LogVerifier,
    UntrustedNoteError,
    open_checkpoint,
)
from decision_gate.enterprise.audit.verify import contradictions, verify_events
from decision_gate.enterprise.cli.deployment import in_deployment
from decision_gate.enterprise.transactions import open_transactions
from decision_gate.mcp.cli.exit_codes import FAILED, OK
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import printable, write_json

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud audit fsck --dir gate --kept /mnt/worm")
@in_deployment
@click.option("--kept", type=FOLDER, help="Checkpoints kept elsewhere; the snapshots of the configuration if absent.")
@json_option
@click.pass_context
def fsck(ctx: click.Context, *, folder: Path, config: str | None, kept: Path | None, as_json: bool) -> None:
    """Rebuild every log from its entries and compare it with all that was signed and kept, and with the runs.

    Exit code 1 when anything is not as it was; every finding names what was done, and where.
    """
    kept = None if kept is None else kept.resolve()
    with opened(folder, config) as log:
        with open_transactions(log.settings.database(), []) as database:
            chains = list(compare_chains(log.store, log.names, database))
        reports = list(with_findings(examine(log.store, log.names, log.kept(kept)), chains))
        waiting = log.store.waiting_count()
    _write_reports(reports, as_json=as_json, waiting=waiting)
    ctx.exit(OK if all(report.is_sound for report in reports) else FAILED)


@click.command(
    cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud audit verify export --keys keys.txt --kept seen"
)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--keys", "keys", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=True,
    help="Verifier keys you trust, one a line, as `cloud audit keys` prints them.",
)  # fmt: skip
@click.option("--kept", type=FOLDER, help="Folder of checkpoints seen before; the new one is added when all is well.")
@json_option
@click.pass_context
def verify(ctx: click.Context, *, path: Path, keys: Path, kept: Path | None, as_json: bool) -> None:
    """Verify an export or a .tlog-proof file, without a deployment and without a network.

    With --kept it also refuses a log that is older than, or contradicts, what was seen before. Exit code 1 when
    anything is wrong.
    """
    verifiers = [LogVerifier.parse(line) for line in keys.read_text(encoding="utf-8").splitlines() if line.strip()]
    snapshots = None if kept is None else SnapshotFolder(kept)
    if path.is_file():
        proof = LogProof.parse(path.read_text(encoding="utf-8"))
        checkpoint = proof.verify(verifiers)
        findings = (*_about_the_pack(path, proof, checkpoint), *_continued(snapshots, checkpoint, verifiers))
        report = LogReport(origin=checkpoint.origin, size=checkpoint.size, erased=0, findings=findings)
        note = proof.note
    else:
        note = (path / CHECKPOINT_NAME).read_text(encoding="utf-8")
        seen = () if snapshots is None else _seen(snapshots, note, verifiers)
        report = verify_events(path, verifiers, seen)
    if report.is_sound and snapshots is not None:
        snapshots.put(report.origin, report.size, note)
    _write_reports([report], as_json=as_json)
    ctx.exit(OK if report.is_sound else FAILED)


def _seen(snapshots: SnapshotFolder, note: str, verifiers: Sequence[LogVerifier]) -> Sequence[Checkpoint]:
    """Return what was seen before of the log of *note*; nothing when the note says nothing that can be believed."""
    try:
        origin = open_checkpoint(note, verifiers).origin
    except (LogFormatError, UntrustedNoteError):
        return ()
    return kept_checkpoints(snapshots, origin, verifiers)


def _about_the_pack(path: Path, proof: LogProof, checkpoint: Checkpoint) -> tuple[Finding, ...]:
    """Compare the proof of an exported run pack with the pack that it lies beside, if it does."""
    proved, manifest = proved_root_hash(proof), path.parent / MANIFEST_NAME
    if proved is None or not manifest.is_file():
        return ()
    if read_manifest(manifest.read_bytes()).integrity.root_hash.value == proved:
        return ()
    text = f"it proves the run pack {proved}, not the one that it lies beside"
    return (Finding(damage=Damage.SPLICED, origin=checkpoint.origin, index=proof.index, text=text),)


def _continued(
    snapshots: SnapshotFolder | None, checkpoint: Checkpoint, verifiers: Sequence[LogVerifier]
) -> tuple[Finding, ...]:
    """Say how the checkpoint of a proof contradicts what was seen before, as far as one checkpoint can."""
    kept = () if snapshots is None else kept_checkpoints(snapshots, checkpoint.origin, verifiers)
    return contradictions(checkpoint, kept)


def _write_reports(reports: Sequence[LogReport], *, as_json: bool, waiting: int | None = None) -> None:
    if as_json:
        write_json({"logs": [_wire(report) for report in reports], "waiting": waiting})
        return
    for report in reports:
        erased = f", {report.erased} without a body" if report.erased else ""
        click.echo(f"{'sound' if report.is_sound else 'NOT SOUND'}: {report.origin}, {report.size} entries{erased}")
        for finding in report.findings:
            click.echo(f"  {printable(str(finding))}")
    if waiting:
        click.echo(f"{waiting} events wait for their places")


def _wire(report: LogReport) -> dict[str, JsonValue]:
    return {
        "origin": report.origin,
        "size": report.size,
        "erased": report.erased,
        "sound": report.is_sound,
        "findings": [
            {"damage": found.damage.value, "index": found.index, "text": found.text} for found in report.findings
        ],
    }
