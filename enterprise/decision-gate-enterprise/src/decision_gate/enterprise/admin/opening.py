"""Opening administration on the database of the runs."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from decision_gate.enterprise.admin.idempotency import admin_tables
from decision_gate.enterprise.admin.sealing import Sealer
from decision_gate.enterprise.admin.service import Means
from decision_gate.enterprise.database import DatabaseSettings, now_ms
from decision_gate.enterprise.identity.hashing import SecretHasher
from decision_gate.enterprise.identity.keys import identity_tables
from decision_gate.enterprise.tenancy.numbers import random_number
from decision_gate.enterprise.tenancy.tables import tenancy_tables
from decision_gate.enterprise.transactions import Transactions, open_transactions
from decision_gate.enterprise.usage.accounts import usage_tables
from decision_gate.mcp.config.kinds import Integer, Secret
from decision_gate.mcp.config.secrets import SecretSource
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.audit_sink import AuditSink

_DAY_MS = 24 * 60 * 60 * 1000
_HASHING = 2


@attrs.frozen(kw_only=True)
class AdminSettings(DatabaseSettings):
    """What administration needs beside the database."""

    sealing_key: SecretSource = key(
        Secret(), "Seals secrets in answers that may have to be repeated; the same on every server."
    )
    retention_days: int = key(
        Integer(low=0, high=36_500), "How long what is closing is kept before it may be deleted.", default=30
    )


@contextmanager
def open_administration(settings: AdminSettings, sink: AuditSink | None = None) -> Iterator[tuple[Transactions, Means]]:
    """Open the directory and the ledger for changes. With *sink* the tables of the audit are made as well.

    Raises:
        SecretUnavailableError: The sealing key cannot be had.
        ConfigurationError: The database is not fit.
        StoreUnavailableError: It cannot be reached.
    """
    sealer = Sealer(settings.sealing_key.reveal(os.environ))
    with open_transactions(
        settings, [tenancy_tables(), identity_tables(), admin_tables(), usage_tables()], sink
    ) as database:
        yield (
            database,
            Means(
                now_ms=now_ms,
                numbers=random_number,
                below=secrets.randbelow,
                hasher=SecretHasher(most=_HASHING),
                sealer=sealer,
                retention_ms=settings.retention_days * _DAY_MS,
            ),
        )
