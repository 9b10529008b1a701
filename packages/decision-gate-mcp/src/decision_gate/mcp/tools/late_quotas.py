"""A quota that runs out between the guard and the commit is refused like one that had run out before (deviation W5).

The guard only looks; of callers that race for the last unit the commit refuses all but one. The store knows that a
rider was refused, and of which metric; how the quota stands is asked again here, so that the losers are told as much as
whoever comes after them.
"""

from collections.abc import Callable
from typing import TypeVar

from decision_gate.core.errors import StoreError
from decision_gate.core.ports import RiderRefusedError
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.errors import QuotaExceededError
from decision_gate.mcp.hooks.usage_meter import USAGE, Charge
from decision_gate.mcp.hooks.verdict import Verdict
from decision_gate.mcp.tools.call import Call

_T = TypeVar("_T")


def with_late_quotas(call: Call, work: Callable[[Call], _T]) -> _T:
    """Do the work of a call; a usage rider that its commit refuses is told to the audit.

    Raises:
        QuotaExceededError: For such a rider.
        RiderRefusedError: Another rider was refused.
        DecisionGateError: What the work raises.
    """
    try:
        return work(call)
    except RiderRefusedError as error:
        if error.kind != USAGE:
            raise
        raise _exceeded(call, error) from error


def _exceeded(call: Call, error: RiderRefusedError) -> QuotaExceededError | RiderRefusedError:
    """Return the refusal of the charge that found no room."""
    suspects = [charge for charge in call.ridden if error.subject in (None, charge.metric.value)]
    for charge in suspects:
        verdict = _asked(call, charge)
        if not verdict.allowed:
            return _told(call, charge, verdict)
    if not suspects:
        return error
    # Room came back in between; it was refused all the same.
    return _told(call, suspects[0], Verdict(allowed=False, reason=error.reason))


def _asked(call: Call, charge: Charge) -> Verdict:
    try:
        return call.meter.admit(call.metered((charge,)), charge)
    except StoreError:
        return Verdict(allowed=True, reason="usage meter unavailable")


def _told(call: Call, charge: Charge, verdict: Verdict) -> QuotaExceededError:
    call.events.append(audit_events.usage(call.scope, charge.metric.value, charge.units, verdict, call.now_ms))
    return QuotaExceededError(verdict.reason, charge.metric.value, verdict.quota)
