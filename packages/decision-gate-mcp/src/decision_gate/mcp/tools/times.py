"""Whose clock is believed, and who may send ticks (deviation X14)."""

from collections.abc import Iterable

from decision_gate.core.model import TriggerKind
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.config.time import TimeSource
from decision_gate.mcp.errors import InvalidParamsError
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.tools.call import Call, Place

CLOCK_KINDS = frozenset({TriggerKind.TICK, TriggerKind.BACKEND_EVENT})
"""Kinds of trigger that speak for the clock or the backend, not for an agent."""


class TimeRule:
    """Judges the time and kind of a trigger. Other times of the wire are recorded as claimed."""

    def __init__(self, *, source: TimeSource, max_skew_ms: int, clock_roles: Iterable[str]) -> None:
        self._source = source
        self._max_skew_ms = max_skew_ms
        self._clock_roles = frozenset(clock_roles)

    def judge(self, call: Call) -> None:
        """Check the call's trigger, and replace its time where the server's clock rules.

        Raises:
            UnauthorizedError: The kind needs a role that the principal does not hold.
            InvalidParamsError: The time is bounded, and it is logical or too far from the server's clock.
        """
        tool = call.tool
        if tool.moment is None or tool.retimed is None:
            return
        moment = tool.moment(call.arguments)
        if moment.kind in CLOCK_KINDS and not self._may_tick(call.principal, call.place):
            raise UnauthorizedError(f"trigger kind {moment.kind.value} needs a role of triggers.clock_roles")
        match self._source:
            case TimeSource.CALLER:
                return
            case TimeSource.SERVER:
                call.arguments = tool.retimed(call.arguments, UnixMillis(call.now_ms))
            case TimeSource.BOUNDED:
                time = moment.time
                if not isinstance(time, UnixMillis):
                    raise InvalidParamsError("time: expected unix_millis, this server does not take logical time")
                if abs(time.value - call.now_ms) > self._max_skew_ms:
                    raise InvalidParamsError(
                        f"time: {time.value} is more than {self._max_skew_ms} ms from the server's clock"
                    )

    def _may_tick(self, principal: Principal, place: Place) -> bool:
        return principal.id in self._clock_roles or principal.holds_any(
            self._clock_roles, place.tenant_id, place.namespace_id
        )
