"""``usage show``, ``export``, ``verify``, ``reconcile`` and ``correct``."""

from datetime import UTC, datetime
from pathlib import Path

import click

from decision_gate.enterprise.cli.deployment import console_user, in_deployment, opened_configuration
from decision_gate.enterprise.cli.output import write_answer
from decision_gate.enterprise.database import now_ms
from decision_gate.enterprise.usage.cli.place import (
    json_option,
    ledger_settings,
    metric_option,
    opened_for_changes,
    opened_for_reading,
    tenant_option,
)
from decision_gate.enterprise.usage.corrections import Correction, correct
from decision_gate.enterprise.usage.expiry import end_all_expired
from decision_gate.enterprise.usage.export import Span, export_usage, verify_usage
from decision_gate.enterprise.usage.meter import open_books
from decision_gate.enterprise.usage.reconciliation import Reconciliation, reconcile
from decision_gate.enterprise.usage.totals import totals_of
from decision_gate.mcp.cli.exit_codes import FAILED
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import printable, write_json
from decision_gate.mcp.hooks.usage_meter import Metric

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def usage() -> None:
    """Show, export, reconcile and correct usage."""


@usage.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud usage show --tenant 42 --dir gate")
@in_deployment
@tenant_option
@json_option
def show(*, folder: Path, config: str | None, tenant_id: int, as_json: bool) -> None:
    """Show what a tenant and its namespaces used, by metric and period."""
    with opened_for_reading(folder, config) as database:
        items = [total.told() for total in totals_of(database, tenant_id)]
    if as_json:
        write_json({"items": [*items]})
    else:
        write_answer({"items": [*items]})


@usage.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate cloud usage export november --tenant 42 --from 2026-11-01 --to 2026-12-01",
)
@click.argument("output", type=click.Path(path_type=Path, exists=False))
@in_deployment
@tenant_option
@click.option("--from", "start", type=_MOMENT, help="Use from then, UTC.")
@click.option("--to", "end", type=_MOMENT, help="Use before then, UTC.")
def export(
    *, output: Path, folder: Path, config: str | None, tenant_id: int, start: datetime | None, end: datetime | None
) -> None:
    """Export the ledger of a tenant into the new folder OUTPUT: JSON Lines, and a manifest with their SHA-256."""
    output = output.resolve()
    span = Span(from_ms=_milliseconds(start), to_ms=_milliseconds(end))
    with opened_configuration(folder, config) as found, open_books(ledger_settings(found.config)) as books:
        manifest = export_usage(books.entries(tenant_id), tenant_id, output, span, exported_at_ms=now_ms())
    click.echo(f"{manifest['count']} rows")


@usage.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud usage verify november")
@click.argument("export_folder", metavar="EXPORT", type=click.Path(path_type=Path, exists=True, file_okay=False))
def verify(*, export_folder: Path) -> None:
    """Verify that the rows of EXPORT are what its manifest says; needs no server and no database."""
    manifest = verify_usage(export_folder)
    click.echo(f"{manifest['count']} rows, as the manifest says")


@usage.command(
    "reconcile", cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud usage reconcile --dir gate"
)
@in_deployment
@json_option
def reconcile_command(*, folder: Path, config: str | None, as_json: bool) -> None:
    """Compare the ledger with its counters, and with the scenarios, runs and data shapes that are there.

    Room that was reserved by calls whose server died is given back first. Exit code 1 when something differs.
    """
    with opened_for_reading(folder, config) as database:
        ended = end_all_expired(database, now_ms())
        found = reconcile(database)
    if ended and not as_json:
        click.echo(f"{ended} reservations of dead calls ended")
    if as_json:
        write_json(found.told())
    else:
        _write(found)
    if not found.agrees:
        raise click.exceptions.Exit(FAILED)


@usage.command(
    "correct",
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate cloud usage correct --tenant 42 --metric tool_calls --units 1 \\\n"
    "    --charge 42/tool_calls/dg-1 --id case-7 --reason 'outage of the 3rd'",
)
@in_deployment
@tenant_option
@metric_option
@click.option("--charge", required=True, help="Key of the charge, as exports show it.")
@click.option("--units", type=click.IntRange(1), required=True, help="How much of it to take back.")
@click.option("--id", "correction_id", required=True, help="Your name of the correction; with it, it is made once.")
@click.option("--reason", required=True, help="Why; ledger and audit keep this.")
def correct_command(
    *,
    folder: Path,
    config: str | None,
    tenant_id: int,
    metric: str,
    charge: str,
    units: int,
    correction_id: str,
    reason: str,
) -> None:
    """Take back units of a charge by a negative row that refers to it; the charge itself stays."""
    correction = Correction(
        tenant_id=tenant_id,
        metric=Metric(metric),
        charge=charge,
        units=units,
        correction_id=correction_id,
        reason=reason,
    )
    with opened_for_changes(folder, config) as opened:
        actor_id = f"console:{console_user()}"
        is_new = correct(opened.database, opened.sink, correction, actor_id=actor_id, at_ms=now_ms())
    click.echo("corrected" if is_new else "was corrected before")


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.replace(tzinfo=UTC).timestamp()) * 1_000


def _write(found: Reconciliation) -> None:
    for each in found.counters:
        place = f"tenant {each.tenant_id}" + ("" if each.namespace_id is None else f" namespace {each.namespace_id}")
        click.echo(f"{place}  {each.metric.value} {each.period}: {each.billed} billed, {each.counted} counted")
    for thing in found.storage:
        what = f"tenant {thing.stored.tenant_id}  storage_bytes of {thing.stored.kind} {' '.join(thing.stored.name)}"
        click.echo(f"{printable(what)}: {thing.billed} billed, {thing.kept} kept")
    for other in found.stores:
        click.echo(f"tenant {other.tenant_id}  {other.metric.value}: {other.billed} billed, {other.kept} kept")
    if found.agrees:
        click.echo("ledger, counters and stores agree")
