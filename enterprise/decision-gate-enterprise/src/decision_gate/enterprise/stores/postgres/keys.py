"""How ids and numbers become key columns: bytes that sort as the ports say; the tenant leads every key."""

from typing import Final

from decision_gate.core.model import TenantId
from decision_gate.core.ports import Log, RunKey

NOBODY: Final = bytes(8)
"""Owner column of a scenario that belongs to no tenant; tenant numbers start at 1."""

LOG_NUMBERS: Final = {
    Log.TRIGGERS: 1,
    Log.GATE_EVALS: 2,
    Log.DECISIONS: 3,
    Log.PACKETS: 4,
    Log.SUBMISSIONS: 5,
    Log.TOOL_CALLS: 6,
    Log.DISPATCH_TARGETS: 7,
    Log.INTENTS: 8,
}
"""Stored number of each log; 0 is the head row of a commit. INVARIANT: never renumbered, rows hold them."""

HEAD_NUMBER: Final = 0
LOGS_BY_NUMBER: Final = {number: log for log, number in LOG_NUMBERS.items()}


def number(value: int) -> bytes:
    """Return an unsigned 64-bit number as 8 bytes, big-endian, so that byte order is number order."""
    return value.to_bytes(8, "big")


def text(value: str) -> bytes:
    """Return the UTF-8 bytes of an id: ids sort and compare as bytes, whatever the collation of a database."""
    return value.encode()


def run_columns(key: RunKey) -> tuple[bytes, bytes, bytes]:
    """Return the key columns of a run."""
    return number(key.tenant_id), number(key.namespace_id), text(key.run_id)


def owner_column(owner: TenantId | None) -> bytes:
    """Return the owner column of a scenario."""
    return NOBODY if owner is None else number(owner)
