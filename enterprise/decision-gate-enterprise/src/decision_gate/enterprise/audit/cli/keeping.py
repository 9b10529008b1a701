"""What a server does by itself, done by hand, and legal holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from decision_gate.enterprise.audit.cli.place import log_option, opened
from decision_gate.enterprise.audit.leaf import run_subject
from decision_gate.enterprise.audit.logs import ROOT
from decision_gate.enterprise.audit.retention import Retention, forget_due, lift_hold, set_hold
from decision_gate.enterprise.audit.sequencer import Sequencer
from decision_gate.enterprise.audit.store import Hold
from decision_gate.enterprise.cli.deployment import in_deployment
from decision_gate.enterprise.database import now_ms
from decision_gate.mcp.cli.handled import HandledCommand

_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.command(cls=HandledCommand)
@in_deployment
def sequence(*, folder: Path, config: str | None) -> None:
    """Give places to the events that wait for theirs; a server does it all the time."""
    with opened(folder, config) as found:
        click.echo(f"{Sequencer(found.store, found.keys).run()} entries")


@click.command(cls=HandledCommand)
@in_deployment
def forget(*, folder: Path, config: str | None) -> None:
    """Forget the bodies whose retention period is over and that no hold protects; a server does it every hour."""
    with opened(folder, config) as found:
        retention = Retention(days=found.settings.retention_days.by_class(), sealer=found.sealer)
        click.echo(f"{forget_due(found.store, retention, now_ms())} bodies")


def _on_hold(command: _Command) -> _Command:
    for option in (
        click.option("--reason", required=True, help="Who holds it and why; the log keeps this."),
        click.option("--run", "run_id", help="Only what is of this run."),
        click.option("--namespace", "namespace_id", type=click.IntRange(min=1), help="Namespace of the run."),
        log_option,
        in_deployment,
    ):
        command = option(command)
    return command


@click.command(cls=HandledCommand)
@_on_hold
def hold(
    *, folder: Path, config: str | None, log: bytes, namespace_id: int | None, run_id: str | None, reason: str
) -> None:
    """Set a legal hold: nothing of a log, or of one run in it, is forgotten until it is released."""
    with opened(folder, config) as found:
        set_hold(found.store, found.sealer, _hold(log, namespace_id, run_id), reason, now_ms())


@click.command(cls=HandledCommand)
@_on_hold
def release(
    *, folder: Path, config: str | None, log: bytes, namespace_id: int | None, run_id: str | None, reason: str
) -> None:
    """Lift a legal hold; retention periods apply again."""
    with opened(folder, config) as found:
        lift_hold(found.store, found.sealer, _hold(log, namespace_id, run_id), reason, now_ms())


def _hold(log: bytes, namespace_id: int | None, run_id: str | None) -> Hold:
    if log == ROOT:
        raise click.UsageError("the root log has no bodies, so there is nothing to hold")
    if (namespace_id is None) != (run_id is None):
        raise click.UsageError("a run is named by --namespace and --run")
    if namespace_id is None or run_id is None:
        return Hold(log=log)
    return Hold(log=log, subject=run_subject(namespace_id, run_id))
