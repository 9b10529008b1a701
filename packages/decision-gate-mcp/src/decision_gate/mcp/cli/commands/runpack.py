"""``decision-gate runpack``: check, read, sign and spell out run packs."""

from pathlib import Path

import click
from rich.console import Console

from decision_gate.core.codec import encode
from decision_gate.core.model import VerificationReport, VerificationStatus
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.exit_codes import FAILED, OK
from decision_gate.mcp.cli.gate_table import gate_table
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import printable, text_console, write_json
from decision_gate.mcp.cli.pack_indent import write_indented
from decision_gate.mcp.cli.pack_story import outcome_words, read_story
from decision_gate.mcp.cli.packs import PackCheck, PackPlace, check_pack, sign_pack
from decision_gate.mcp.clock import SystemClock
from decision_gate.mcp.signing import KeyFileSigner, PinnedKeys

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)

_folder_argument = click.argument("folder", type=_FOLDER, required=False)
_manifest_option = click.option(
    "--manifest", type=_FILE, help="The manifest, where it is not manifest.json or runpack.json in FOLDER."
)
_runpack_dir_option = click.option("--runpack-dir", type=_FOLDER, help="Another way to name FOLDER.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def runpack() -> None:
    """Check, read, sign and spell out run packs: the proof of a run, offline."""


@runpack.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate runpack verify proof\n"
    "  decision-gate runpack verify proof --key release.pub.pem --replay\n"
    "  decision-gate runpack verify --manifest proof/runpack.json --format markdown",
)
@_folder_argument
@_manifest_option
@_runpack_dir_option
@click.option("--key", "keys", type=_FILE, multiple=True, help="Public key whose signature counts; may be repeated.")
@click.option("--replay", "is_replayed", is_flag=True, help="Derive every decision again from the recorded evidence.")
@click.option("--format", "form", type=click.Choice(("json", "markdown")), help="Print the bare report in this form.")
@_json_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    folder: Path | None,
    manifest: Path | None,
    runpack_dir: Path | None,
    keys: tuple[Path, ...],
    is_replayed: bool,
    form: str | None,
    as_json: bool,
) -> None:
    """Check a run pack: nothing altered, missing or added; exit code 1 when it is not sound.

    Hashes show that nobody edited the record. --replay shows that the engine followed the scenario. --key shows who
    vouches for it; without it the result is "intact, signer not checked" and never PASS.
    """
    place = _place(ctx, folder, runpack_dir, manifest)
    pinned = PinnedKeys.load(keys) if keys else None
    check = check_pack(place, keys=pinned, is_replayed=is_replayed)
    if as_json:
        write_json(check.wire())
    elif form == "markdown":
        click.echo(_markdown(check.inspection.report), nl=False)
    elif form == "json" or (folder is None and manifest is not None):
        # How the reference is called and what it prints (contract §3.2).
        write_json(encode(check.inspection.report))
    else:
        _show_check(text_console(), check)
    ctx.exit(OK if check.is_good else FAILED)


@runpack.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate runpack inspect proof")
@_folder_argument
@_manifest_option
@_runpack_dir_option
@_json_option
@click.pass_context
def inspect(
    ctx: click.Context, *, folder: Path | None, manifest: Path | None, runpack_dir: Path | None, as_json: bool
) -> None:
    """Show what happened in a run: every decision, and what the last one still asked for."""
    with _place(ctx, folder, runpack_dir, manifest).opened() as (stored, reader):
        story = read_story(stored, reader)
    if as_json:
        write_json(story.wire())
        return
    console = text_console()
    console.print(printable(f"run {story.manifest.run_id} of {story.manifest.scenario_id}"), markup=False)
    console.print(
        f"  spec hash  {story.manifest.spec_hash.value}\n  root hash  {story.manifest.integrity.root_hash.value}"
    )
    hidden = story.decision_count - len(story.decisions)
    if hidden:
        console.print(f"  … {hidden} earlier decisions")
    for decision in story.decisions:
        line = f"  {decision.seq:>4}  {decision.stage_id}: {outcome_words(decision)}"
        console.print(printable(line), markup=False)
    console.print(gate_table(story.gates, story.explanations()))


@runpack.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate runpack pretty proof --output-dir readable")
@_folder_argument
@_manifest_option
@_runpack_dir_option
@click.option("--output-dir", type=_FOLDER, required=True, help="Folder to write to; made when it is missing.")
@_json_option
@click.pass_context
def pretty(
    ctx: click.Context,
    *,
    folder: Path | None,
    manifest: Path | None,
    runpack_dir: Path | None,
    output_dir: Path,
    as_json: bool,
) -> None:
    """Write indented copies of the manifest and all artifacts, for reading; they do not verify any more."""
    count = write_indented(_place(ctx, folder, runpack_dir, manifest), output_dir)
    if as_json:
        write_json({"files": count, "output_dir": str(output_dir)})
    else:
        click.echo(f"{count} files written to {output_dir}")


@runpack.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate runpack sign proof --key release.pem")
@_folder_argument
@_manifest_option
@_runpack_dir_option
@click.option("--key", type=_FILE, required=True, help="Private key; make one with: decision-gate key new")
@_json_option
@click.pass_context
def sign(
    ctx: click.Context,
    *,
    folder: Path | None,
    manifest: Path | None,
    runpack_dir: Path | None,
    key: Path,
    as_json: bool,
) -> None:
    """Verify and replay a run pack, and sign the outcome (in-toto statement, DSSE envelope) beside its manifest."""
    place = _place(ctx, folder, runpack_dir, manifest)
    signer = KeyFileSigner.load(key)
    check = sign_pack(place, signer, UnixMillis(SystemClock().now_ms()))
    if as_json:
        write_json({**check.wire(), "signed_by": signer.key_id, "attestation": str(place.attestation)})
    else:
        click.echo(f"signed {place.attestation}\n  key  {signer.key_id}")
        for problem in check.problems:
            click.echo(f"  signed as FAILED: {printable(problem)}")
    ctx.exit(OK if check.is_good else FAILED)


def _place(ctx: click.Context, folder: Path | None, runpack_dir: Path | None, manifest: Path | None) -> PackPlace:
    if folder is not None and runpack_dir is not None:
        ctx.fail("FOLDER and --runpack-dir name the same thing; give one.")
    if folder is None and runpack_dir is None and manifest is None:
        ctx.fail("Name the folder of the run pack, or its --manifest.")
    return PackPlace.of(runpack_dir if folder is None else folder, manifest)


def _show_check(console: Console, check: PackCheck) -> None:
    report = check.inspection.report
    console.print(f"[bold {'green' if check.is_good else 'red'}]{check.words}[/]")
    console.print(f"  {report.checked_files} files checked")
    if check.inspection.status is not None:
        console.print(f"  run {check.inspection.status.value}")
    if check.replayed is not None and check.replayed.is_faithful:
        console.print(f"  {check.replayed.steps} steps replayed, every decision follows from its evidence")
    if check.attestation is not None and check.attestation.key_id is not None:
        console.print(f"  signed by {check.attestation.key_id}")
    for problem in check.problems:
        console.print(printable(f"  {problem}"), markup=False)


def _markdown(report: VerificationReport) -> str:
    is_sound = report.status is VerificationStatus.PASS
    lines = ["# Run pack verification", "", f"- Status: {'pass' if is_sound else 'fail'}"]
    lines += [f"- Checked files: {report.checked_files}", ""]
    lines += ["## Errors", "", *(f"- {printable(error)}" for error in report.errors), ""] if report.errors else []
    return "\n".join(lines)
