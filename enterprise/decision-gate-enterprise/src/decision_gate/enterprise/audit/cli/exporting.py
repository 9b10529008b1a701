"""``export`` of a log or a stretch of one, and the keys to verify it with."""

from datetime import UTC, datetime
from pathlib import Path

import click

from decision_gate.enterprise.audit.cli.place import log_option, opened
from decision_gate.enterprise.audit.errors import LeafMissingError
from decision_gate.enterprise.audit.export import export_events, export_tiles
from decision_gate.enterprise.audit.leaf import DEPLOYMENT
from decision_gate.enterprise.audit.logs import ROOT, tenant_log
from decision_gate.enterprise.audit.store import AuditStore
from decision_gate.enterprise.cli.deployment import in_deployment
from decision_gate.enterprise.database import now_ms
from decision_gate.mcp.cli.handled import HandledCommand


@click.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate cloud audit export october --log 42 --from 2026-10-01 --to 2026-11-01",
)
@click.argument("output", type=click.Path(path_type=Path, exists=False))
@in_deployment
@log_option
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Events from then, UTC.")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Events before then, UTC.")
@click.option("--tiles", is_flag=True, help="The whole log as static files (c2sp.org/tlog-tiles), without bodies.")
def export(
    *,
    output: Path,
    folder: Path,
    config: str | None,
    log: bytes,
    start: datetime | None,
    end: datetime | None,
    tiles: bool,
) -> None:
    """Export a log, or the stretch of it with all events of a time, into the new folder OUTPUT.

    A stretch has no gaps: it may hold events a little before or behind the time, and leaves none of it out.
    """
    output = output.resolve()
    if tiles and (start or end):
        raise click.UsageError("--tiles exports a whole log")
    with opened(folder, config) as found:
        if tiles:
            made = export_tiles(found.store, log, output)
        elif start is None and end is None:
            made = export_events(found.store, log, output)
        else:
            made = export_events(found.store, log, output, *_stretch(found.store, log, start, end))
    click.echo(f"{made.end - made.start} of {made.size} entries")


@click.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud audit keys --dir gate > keys.txt")
@in_deployment
def keys(*, folder: Path, config: str | None) -> None:
    """Print the verifier keys of all logs, to be given to those who verify, by another way than the logs."""
    with opened(folder, config) as found:
        for log in sorted({ROOT, tenant_log(DEPLOYMENT), *found.store.logs()}):
            for verifier in found.names.verifiers(log):
                click.echo(verifier.vkey)


def _stretch(store: AuditStore, log: bytes, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    from_ms = 0 if start is None else _milliseconds(start)
    to_ms = now_ms() if end is None else _milliseconds(end)
    first, behind = store.stretch(log, from_ms, to_ms)
    if behind == 0:
        raise LeafMissingError("the log has no event of that time")
    return first, behind


def _milliseconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp() * 1_000)
