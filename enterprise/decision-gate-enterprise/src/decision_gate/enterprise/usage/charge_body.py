"""The bytes of a usage rider: what the database needs at fixed places, then the details as JSON.

``tenant (8) ‖ namespace (8) ‖ units (8) ‖ is due (1) ‖ length of metric (1) ‖ metric ‖ canonical details``, numbers
big-endian, no namespace as zero. No database has to parse JSON in the path of a commit, and no text of a client can
spoil one.
"""

import struct
from typing import Any

import attrs

from decision_gate.core.json import canonical, parse
from decision_gate.core.ports import Rider
from decision_gate.mcp.hooks.usage_meter import USAGE, Charge, MeteredCall, Metric

_HEAD = struct.Struct(">QQQ?B")


@attrs.frozen(kw_only=True)
class ChargeBody:
    """A decoded body."""

    tenant_id: int
    namespace_id: int | None
    metric: Metric
    units: int
    is_due: bool
    details: bytes


def charge_rider(call: MeteredCall, tenant_id: int, charge: Charge) -> Rider:
    """Return the rider that bills *charge* to *tenant_id*; the same operation has the same key for ever."""
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
        body=_HEAD.pack(tenant_id, call.namespace_id or 0, charge.units, charge.is_due, len(metric))
        + metric
        + canonical(details),
    )


def decode_charge(body: bytes) -> ChargeBody:
    """Return what ``charge_rider`` wrote."""
    tenant_id, namespace_id, units, is_due, length = _HEAD.unpack_from(body)
    metric, details = body[_HEAD.size : _HEAD.size + length], body[_HEAD.size + length :]
    return ChargeBody(
        tenant_id=tenant_id,
        namespace_id=namespace_id or None,
        metric=Metric(metric.decode()),
        units=units,
        is_due=is_due,
        details=details,
    )


def details_of(details: bytes) -> dict[str, Any]:
    """Return the details as they were written."""
    found: Any = parse(details)
    return dict(found)
