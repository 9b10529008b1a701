"""``quota set`` and ``quota show``."""

from pathlib import Path

import click

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.cli.deployment import console_user, in_deployment
from decision_gate.enterprise.cli.output import write_answer
from decision_gate.enterprise.database import now_ms
from decision_gate.enterprise.usage.books import EVERY_TENANT, Limit
from decision_gate.enterprise.usage.cli.place import (
    MAX_ID,
    json_option,
    metric_option,
    namespace_option,
    opened_for_changes,
    opened_for_reading,
)
from decision_gate.enterprise.usage.periods import Period
from decision_gate.enterprise.usage.quotas import Quota, quota_json, quotas_of, set_quota
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import write_json
from decision_gate.mcp.hooks.usage_meter import Metric

_tenant = click.option(
    "--tenant",
    "tenant_id",
    type=click.IntRange(1, MAX_ID),
    default=None,
    help="Number of the tenant; every tenant without a quota of its own unless given.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def quota() -> None:
    """Set and show quotas."""


@quota.command(
    "set",
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate cloud quota set --tenant 42 --metric runs_started --units 1000\n"
    "  decision-gate cloud quota set --tenant 42 --namespace 7 --metric tool_calls --units 500 --period day",
)
@in_deployment
@_tenant
@namespace_option
@metric_option
@click.option("--units", type=click.IntRange(0, 2**63 - 1), help="Most units in a period; no limit unless given.")
@click.option(
    "--period",
    type=click.Choice([period.value for period in Period]),
    default=Period.MONTH.value,
    show_default=True,
    help="How long, by the calendar of UTC. Counting starts anew when it changes.",
)
def set_command(
    *,
    folder: Path,
    config: str | None,
    tenant_id: int | None,
    namespace_id: int | None,
    metric: str,
    units: int | None,
    period: str,
) -> None:
    """Limit a tenant, one of its namespaces, or every tenant that has no quota of its own; servers heed it at once."""
    if namespace_id is not None and tenant_id is None:
        raise click.UsageError("a namespace is one of a tenant: add --tenant")
    wanted = Quota(
        tenant_id=EVERY_TENANT if tenant_id is None else tenant_id,
        namespace_id=namespace_id,
        metric=Metric(metric),
        limit=Limit(period=Period(period), units=units),
    )
    with opened_for_changes(folder, config) as opened:
        set_quota(opened.database, opened.sink, wanted, actor_id=f"console:{console_user()}", at_ms=now_ms())
    write_answer(_shown(wanted))


@quota.command(
    cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate cloud quota show --tenant 42 --dir gate --json"
)
@in_deployment
@_tenant
@json_option
def show(*, folder: Path, config: str | None, tenant_id: int | None, as_json: bool) -> None:
    """Show the quotas of a tenant and of its namespaces, or those of every tenant without its own."""
    with opened_for_reading(folder, config) as database:
        found = quotas_of(database, EVERY_TENANT if tenant_id is None else tenant_id)
    if as_json:
        write_json({"items": [quota_json(each) for each in found]})
    else:
        write_answer({"items": [_shown(each) for each in found]})


def _shown(quota: Quota) -> dict[str, JsonValue]:
    shown = quota_json(quota)
    tenant = "every" if quota.tenant_id == EVERY_TENANT else str(quota.tenant_id)
    units = "unlimited" if quota.limit.units is None else quota.limit.units
    return {**shown, "tenant_id": tenant, "units": units}
