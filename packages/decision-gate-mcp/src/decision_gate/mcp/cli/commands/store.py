"""``decision-gate store``: look into a database file, verify it, back it up, restore it, erase from it."""

from datetime import UTC, datetime
from pathlib import Path

import click

from decision_gate.core.ports import Log, RunKey, RunQuery
from decision_gate.mcp.cli.exit_codes import FAILED, OK
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.naming_database import naming_database
from decision_gate.mcp.cli.output import prints_json, write_json
from decision_gate.mcp.cli.store_place import Namespace, in_namespace, in_store, of_run
from decision_gate.mcp.cli.store_views import (
    check_run,
    listed_line,
    listed_wire,
    report_lines,
    report_wire,
    run_names,
    run_state,
)
from decision_gate.mcp.clock import SystemClock
from decision_gate.mcp.stores.sqlite import (
    DEFAULT_LOGS,
    ERASABLE,
    SqliteArchive,
    SqliteRunStore,
    SqliteSettings,
    back_up,
    erase_run,
    finished_before,
    open_database,
    verify_store,
)
from decision_gate.mcp.stores.sqlite import restore as restore_file

_DATABASE = click.Path(path_type=Path, dir_okay=False)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_version_option = click.option(
    "--version", type=click.IntRange(min=1), help="As of this version; the last unless given."
)
_tenant_option = click.option("--tenant-id", type=click.IntRange(min=1), help="Only this tenant.")
_namespace_option = click.option("--namespace-id", type=click.IntRange(min=1), help="Only this namespace.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def store() -> None:
    """Look into a database file, verify it, back it up, restore it, erase from it."""


@store.command(name="list", cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate store list --store-path runs.db")
@in_store
@_tenant_option
@_namespace_option
@click.option("--format", "form", type=click.Choice(("json", "text")), default="json", show_default=True, help="Form.")
@_json_option
def list_command(*, path: Path, tenant_id: int | None, namespace_id: int | None, form: str, as_json: bool) -> None:
    """List the runs of a file."""
    listed = [
        run
        for run in SqliteArchive(path).runs()
        if tenant_id in (None, run.key.tenant_id) and namespace_id in (None, run.key.namespace_id)
    ]
    if form == "json" or as_json:
        write_json({"runs": [listed_wire(run) for run in listed]})
        return
    for run in listed:
        click.echo(listed_line(run))


@store.command(
    cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate store get --store-path runs.db --run-id release-2.4.0"
)
@in_store
@of_run
@_version_option
@prints_json
def get(*, path: Path, key: RunKey, version: int | None) -> None:
    """Print the whole state of a run as canonical JSON."""
    archive = SqliteArchive(path)
    click.echo(run_state(archive, archive.head(key, version)))


@store.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate store export --store-path runs.db --run-id r1 --output state.json",
)
@in_store
@of_run
@_version_option
@click.option("--output", type=_DATABASE, required=True, help="File to write.")
@_json_option
def export(*, path: Path, key: RunKey, version: int | None, output: Path, as_json: bool) -> None:
    """Write the whole state of a run to a file; for a run pack see: decision-gate run export."""
    archive = SqliteArchive(path)
    output.write_bytes(run_state(archive, archive.head(key, version)))
    if as_json:
        write_json({**run_names(key), "output": str(output)})
    else:
        click.echo(f"wrote {output}")


@store.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate store verify --store-path runs.db\n"
    "  decision-gate store verify --store-path runs.db --run-id release-2.4.0",
)
@in_store
@in_namespace
@click.option("--run-id", help="Only this run.")
@_version_option
@click.option("--format", "form", type=click.Choice(("json", "text")), default="text", show_default=True, help="Form.")
@_json_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    path: Path,
    namespace: Namespace,
    run_id: str | None,
    version: int | None,
    form: str,
    as_json: bool,
) -> None:
    """Check a file without changing it: every run's chain, every scenario, every data shape; exit code 1 on a fault.

    Whoever can write the file can replace a whole run by another sound one. Keep digests of what matters elsewhere: a
    run pack, or the audit log of the server.
    """
    is_json = form == "json" or as_json
    archive = SqliteArchive(path)
    if run_id is None:
        report = verify_store(archive)
        if is_json:
            write_json(report_wire(report))
        else:
            click.echo("\n".join(report_lines(report)))
        ctx.exit(OK if report.is_sound else FAILED)
    check = check_run(archive, RunKey(*namespace, run_id), version)
    if is_json:
        write_json(check.wire())
    else:
        click.echo(f"run {run_id}: {'sound' if check.problem is None else check.problem}, version {check.head.version}")
    ctx.exit(OK if check.problem is None else FAILED)


@store.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate store backup nightly.db --store-path runs.db")
@click.argument("target", type=_DATABASE)
@in_store
@_json_option
def backup(*, path: Path, target: Path, as_json: bool) -> None:
    """Copy a file to TARGET while servers go on writing to it, and verify the copy."""
    report = back_up(path, target)
    if as_json:
        write_json({**report_wire(report), "target": str(target)})
    else:
        click.echo(f"{target}: {report.runs} runs, verified")


@store.command(
    cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate store restore nightly.db --store-path runs.db"
)
@click.argument("source", metavar="BACKUP", type=_DATABASE)
@in_store
@_json_option
def restore(*, path: Path, source: Path, as_json: bool) -> None:
    """Put the verified content of BACKUP in place, where no file may be yet; stop the servers first."""
    with naming_database(source):
        report = restore_file(source, path)
    if as_json:
        write_json({**report_wire(report), "target": str(path)})
    else:
        click.echo(f"{path}: {report.runs} runs, verified")


@store.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate store erase --store-path runs.db --run-id r1 --reason 'request 17'\n"
    "  decision-gate store erase --store-path runs.db --finished-before 2025-01-01 --reason 'two years' --dry-run",
)
@in_store
@in_namespace
@click.option("--run-id", help="This run.")
@click.option("--finished-before", type=click.DateTime(("%Y-%m-%d",)), help="All finished runs untouched since (UTC).")
@click.option("--reason", required=True, help="Stands in place of what is erased.")
@click.option(
    "--log",
    "logs",
    type=click.Choice([log.value for log in ERASABLE]),
    multiple=True,
    help="What to erase; gate_evals, packets and submissions unless given. May be repeated.",
)
@click.option("--dry-run", "is_dry", is_flag=True, help="Only list the runs.")
@_json_option
def erase(
    *,
    path: Path,
    namespace: Namespace,
    run_id: str | None,
    finished_before: datetime | None,
    reason: str,
    logs: tuple[str, ...],
    is_dry: bool,
    as_json: bool,
) -> None:
    """Erase what runs hold, for good, and keep what they prove: the chain still verifies.

    Decisions stay, and so do scenarios with the packets they define. Run packs and backups that were made before are
    files of their own: erase those too.
    """
    if (run_id is None) == (finished_before is None):
        raise click.UsageError("Give either --run-id or --finished-before.")
    clock = SystemClock()
    with open_database(SqliteSettings(path=_existing(path)), now_ms=clock.now_ms) as database:
        runs = SqliteRunStore(database)
        keys = _chosen(runs, RunKey(*namespace, run_id or ""), finished_before)
        chosen_logs = [Log(name) for name in logs] or DEFAULT_LOGS
        erased = [
            0 if is_dry else erase_run(runs, key, reason=reason, at_ms=clock.now_ms(), logs=chosen_logs).records
            for key in keys
        ]
    if as_json:
        rows = zip(keys, erased, strict=True)
        write_json({"dry_run": is_dry, "runs": [{**run_names(key), "erased_records": count} for key, count in rows]})
        return
    for key, records in zip(keys, erased, strict=True):
        click.echo(f"{key.run_id}: {'would be erased' if is_dry else f'{records} records erased'}")


@store.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate store prune --store-path runs.db --run-id r1 --keep 10",
)
@in_store
@of_run
@click.option("--keep", type=click.IntRange(min=1), required=True, help="Accepted, and without effect.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Accepted, and without effect.")
@prints_json
def prune(*, path: Path, key: RunKey, keep: int, is_dry: bool) -> None:
    """Remove nothing: versions of a run are one log that is kept once, not copies (deviation S12)."""
    SqliteArchive(path).head(key)
    click.echo(
        "nothing to prune: a run is one log, its versions are no copies; see: decision-gate store erase", err=True
    )
    write_json({**run_names(key), "keep": keep, "pruned": 0, "dry_run": is_dry})


def _chosen(runs: SqliteRunStore, key: RunKey, before: datetime | None) -> list[RunKey]:
    if before is None:
        return [key]
    query = RunQuery(tenant_id=key.tenant_id, namespace_id=key.namespace_id)
    before_ms = int(before.replace(tzinfo=UTC).timestamp() * 1_000)
    return [summary.head.key for summary in finished_before(runs, query, before_ms)]


def _existing(path: Path) -> Path:
    """Refuse a file that is not there or not ours, which opening would make. Return the path of one that is."""
    with SqliteArchive(path).reading():
        return path
