"""Which log of which deployment a command is about."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import click

from decision_gate.enterprise.audit.database import open_audit_store
from decision_gate.enterprise.audit.errors import SequencingSettingsError
from decision_gate.enterprise.audit.leaf import DEPLOYMENT, Sealer
from decision_gate.enterprise.audit.logs import ROOT, LogKeys, LogNames, tenant_log
from decision_gate.enterprise.audit.settings import HashChainSettings
from decision_gate.enterprise.audit.snapshots import SnapshotFolder, kept_checkpoints
from decision_gate.enterprise.audit.store import AuditStore
from decision_gate.enterprise.audit.tlog import Checkpoint
from decision_gate.enterprise.cli.deployment import opened_configuration

FOLDER = click.Path(path_type=Path, file_okay=False)
_MAX_TENANT: Final = 2**64 - 1


class LogName(click.ParamType[bytes]):
    """The number of a tenant, ``deployment`` or ``root``."""

    name = "log"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:  # noqa: ANN401 - click's signature
        """Return the key of the log."""
        match value:
            case bytes():
                return value
            case "root":
                return ROOT
            case "deployment":
                return tenant_log(DEPLOYMENT)
            case str() if value.isdecimal() and 0 < int(value) <= _MAX_TENANT:
                return tenant_log(int(value))
            case _:
                raise click.BadParameter("a tenant's number, deployment or root", ctx, param)


_LOG_HELP: Final = "Number of a tenant, or deployment, or root."
log_option = click.option("--log", "log", type=LogName(), required=True, help=_LOG_HELP)
optional_log_option = click.option("--log", "log", type=LogName(), help=_LOG_HELP)


@attrs.frozen(kw_only=True)
class Opened:
    """The audit log of a deployment."""

    store: AuditStore
    keys: LogKeys
    settings: HashChainSettings
    sealer: Sealer

    @property
    def names(self) -> LogNames:
        """Return what the logs are called."""
        return self.keys.names

    def kept(self, folder: Path | None) -> dict[str, Sequence[Checkpoint]]:
        """Return the checkpoints in *folder*, or where the configuration keeps them."""
        place = folder or (None if self.settings.snapshots is None else Path(self.settings.snapshots))
        if place is None:
            return {}
        snapshots = SnapshotFolder(place)
        logs = (ROOT, *(log for log in self.store.logs() if log != ROOT))
        found = ((self.names.origin(log), self.names.verifiers(log)) for log in logs)
        return {origin: kept_checkpoints(snapshots, origin, verifiers) for origin, verifiers in found}


@contextmanager
def opened(folder: Path, config: str | None) -> Iterator[Opened]:
    """Open the audit log of the deployment in *folder*.

    Raises:
        SequencingSettingsError: Its configuration keeps no signed log.
        StoreError: It cannot be reached.
    """
    with opened_configuration(folder, config) as found:
        chosen = found.config.audit_sink
        settings = None if chosen is None else chosen.settings
        if not isinstance(settings, HashChainSettings) or not settings.is_sequencing:
            raise SequencingSettingsError(
                'there is no signed audit log: set [audit_sink] type = "hash_chain" with its database and keys'
            )
        with open_audit_store(settings.database()) as store:
            yield Opened(store=store, keys=settings.keys(), settings=settings, sealer=Sealer(secrets.token_bytes(32)))
