"""Which ledger a command is about, and the options that several commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final

import attrs
import click

from decision_gate.core.errors import ConfigurationError
from decision_gate.enterprise.cli.deployment import opened_configuration, opened_sink
from decision_gate.enterprise.transactions import Transactions
from decision_gate.enterprise.usage.accounts import open_accounts
from decision_gate.enterprise.usage.meter import LedgerSettings
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.hooks.usage_meter import Metric

MAX_ID: Final = 2**64 - 1
tenant_option = click.option(
    "--tenant", "tenant_id", type=click.IntRange(1, MAX_ID), required=True, help="Number of the tenant."
)
namespace_option = click.option(
    "--namespace", "namespace_id", type=click.IntRange(1, MAX_ID), help="Number of a namespace of the tenant."
)
metric_option = click.option(
    "--metric", type=click.Choice([metric.value for metric in Metric]), required=True, help="What is counted."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class UnmeteredError(ConfigurationError):
    """The configuration has no ledger."""

    code: ClassVar[str] = "unmetered"


@attrs.frozen(kw_only=True)
class Opened:
    """The ledger of a deployment, and where its changes are audited."""

    database: Transactions
    sink: AuditSink


def ledger_settings(config: Config) -> LedgerSettings:
    """Return where the ledger lives. Raise ``UnmeteredError`` when there is none."""
    chosen = config.usage_meter
    if chosen is None or not isinstance(chosen.settings, LedgerSettings):
        raise UnmeteredError('nothing is metered here: set [usage_meter] type = "ledger" in the configuration')
    return chosen.settings


@contextmanager
def opened_for_changes(folder: Path, config: str | None) -> Iterator[Opened]:
    """Open the ledger of the deployment in *folder* for audited changes.

    Raises:
        UnmeteredError, NotAdministeredError: There is no ledger, or nothing would audit the change.
        StoreError, ConfigurationError: The database cannot be had.
    """
    with opened_configuration(folder, config) as found:
        settings = ledger_settings(found.config)
        with opened_sink(found) as sink, open_accounts(settings, sink) as database:
            yield Opened(database=database, sink=sink)


@contextmanager
def opened_for_reading(folder: Path, config: str | None) -> Iterator[Transactions]:
    """Open the ledger of the deployment in *folder*. Raise ``UnmeteredError`` when there is none."""
    with opened_configuration(folder, config) as found, open_accounts(ledger_settings(found.config)) as database:
        yield database
