"""The audit sink ``hash_chain``: what changes something, and every denial, becomes a leaf of its tenant's chain.

The whole course of a request is told as text too, as by the open sinks: that is for operators, the chain for auditors.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from decision_gate.core.json import canonical
from decision_gate.core.ports import Rider
from decision_gate.enterprise.audit.leaf import DEPLOYMENT, leaf_rider
from decision_gate.enterprise.audit.postgres_chain import PostgresChainTable
from decision_gate.enterprise.audit.sqlite_chain import SqliteChainTable
from decision_gate.mcp.config.kinds import Text
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.audit_sink import AuditSink, file_sink, stderr_sink


@attrs.frozen(kw_only=True)
class HashChainSettings:
    """``[audit_sink]`` of type ``hash_chain``."""

    log_path: str | None = key(Text(), "File for the text of every request; standard error when absent.", default=None)


class HashChainSink:
    """An ``AuditSink`` whose leaves ride on commits; *text* takes the course of each request."""

    def __init__(self, text: AuditSink) -> None:
        self._text = text

    def record(self, events: Sequence[AuditEvent]) -> None:
        """See ``AuditSink``."""
        self._text.record(events)

    def riders(self, event: AuditEvent) -> tuple[Rider, ...]:
        """See ``AuditSink``."""
        return (leaf_rider(_chain_of(event), canonical({"event": event.event, **event.members})),)

    def rider_table(self, engine: str) -> Any:  # noqa: ANN401 - each engine has its own protocol of rider tables
        """See ``AuditSink``."""
        match engine:
            case "postgres":
                return PostgresChainTable()
            case "sqlite":
                return SqliteChainTable()
            case _:
                return None


def _chain_of(event: AuditEvent) -> int:
    """Return whose chain keeps *event*: its tenant's, or the deployment's.

    A tenant that somebody named without having a grant in it is not told so in its own chain: strangers could fill the
    chains of others and make new ones without end.
    """
    tenant = event.members.get("tenant_id", event.members.get("owner"))
    if event.event == "tenant_authz" or not isinstance(tenant, str):
        return DEPLOYMENT
    return int(tenant)


@contextmanager
def open_hash_chain(settings: HashChainSettings) -> Iterator[HashChainSink]:
    """Open the audit sink ``hash_chain``. Raise ``ConfigIoError`` when its text log cannot be opened."""
    with stderr_sink() if settings.log_path is None else file_sink(settings.log_path) as text:
        yield HashChainSink(text)
