"""The bytes of a usage rider: what the database needs at fixed places, then the details as JSON.

``tenant (8) ‖ namespace (8) ‖ units (8) ‖ mode (1) ‖ length of metric (1) ‖ metric ‖ [hold (16)] ‖ canonical details``,
numbers big-endian, no namespace as zero; the hold is there in the modes that are about reserved room. No database has
to parse JSON in the path of a commit, and no text of a client can spoil one.
"""

import hashlib
import struct
from enum import IntEnum
from typing import Any

import attrs

from decision_gate.core.json import canonical, parse
from decision_gate.core.ports import Rider
from decision_gate.mcp.hooks.usage_meter import USAGE, Charge, MeteredCall, Metric

_HEAD = struct.Struct(">QQQBB")
_HOLD_BYTES = 16


class Mode(IntEnum):
    """What is done with the units. The numbers are part of the format."""

    BILL = 0
    """Bill once, within the quotas."""
    BILL_DUE = 1
    """Bill once, past any quota: it was consumed already."""
    RESERVE = 2
    """Hold room for what will be billed, within the quotas."""
    SETTLE = 3
    """Bill once what had its room reserved, and end the reservation."""
    RELEASE = 4
    """End the reservation."""

    @property
    def is_limited(self) -> bool:
        """Whether quotas must leave room."""
        return self in (Mode.BILL, Mode.RESERVE)

    @property
    def is_about_a_hold(self) -> bool:
        """Whether a reservation is made or ended."""
        return self in (Mode.RESERVE, Mode.SETTLE, Mode.RELEASE)


@attrs.frozen(kw_only=True)
class ChargeBody:
    """A decoded body; ``hold`` names the call that reserves, settles or releases."""

    tenant_id: int
    namespace_id: int | None
    metric: Metric
    units: int
    mode: Mode
    details: bytes
    hold: bytes = b""


def charge_rider(call: MeteredCall, tenant_id: int, charge: Charge) -> Rider:
    """Return the rider that bills *charge* to *tenant_id*; the same operation has the same key for ever."""
    if charge.is_reserved:
        return usage_rider(Mode.SETTLE, call, tenant_id, charge)
    return usage_rider(Mode.BILL_DUE if charge.is_due else Mode.BILL, call, tenant_id, charge)


def usage_rider(mode: Mode, call: MeteredCall, tenant_id: int, charge: Charge) -> Rider:
    """Return the rider that does what *mode* says with the units of *charge*."""
    metric = charge.metric.value.encode()
    details = {
        "at_ms": call.at_ms,
        "namespace_id": call.namespace_id,
        "principal_id": call.principal.id,
        "server_correlation_id": call.server_correlation_id,
        "tool": call.tool,
    }
    return Rider(
        kind=USAGE,
        key=f"{tenant_id}/{charge.metric.value}/{charge.operation}",
        body=_HEAD.pack(tenant_id, call.namespace_id or 0, charge.units, mode, len(metric))
        + metric
        + (_hold_of(call) if mode.is_about_a_hold else b"")
        + canonical(details),
    )


def decode_charge(body: bytes) -> ChargeBody:
    """Return what ``usage_rider`` wrote."""
    tenant_id, namespace_id, units, number, length = _HEAD.unpack_from(body)
    mode, metric, rest = Mode(number), body[_HEAD.size : _HEAD.size + length], body[_HEAD.size + length :]
    held = _HOLD_BYTES if mode.is_about_a_hold else 0
    return ChargeBody(
        tenant_id=tenant_id,
        namespace_id=namespace_id or None,
        metric=Metric(metric.decode()),
        units=units,
        mode=mode,
        details=rest[held:],
        hold=rest[:held],
    )


def _hold_of(call: MeteredCall) -> bytes:
    return hashlib.sha256(call.server_correlation_id.encode()).digest()[:_HOLD_BYTES]


def details_of(details: bytes) -> dict[str, Any]:
    """Return the details as they were written."""
    found: Any = parse(details)
    return dict(found)
