"""What every request owes, whatever envelope it came in: riders, kept denials, audit, metrics.

A pipeline begins an exchange, lets the router work on it, settles what a call owes, and finishes it exactly once, so
that the audit counts as many requests as arrived.
"""

from collections.abc import Sequence

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Rider, RunStore
from decision_gate.mcp.clock import Clock
from decision_gate.mcp.error_map import WireError
from decision_gate.mcp.errors import ForbiddenOriginError, InvalidCorrelationIdError
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.hooks.metrics import Metrics, RequestMeasured
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.tools.call import Call
from decision_gate.mcp.tools.late_quotas import with_late_quotas
from decision_gate.mcp.tools.router import Exchange

_METRIC_METHODS = {
    "ToolsList": "tools/list",
    "ToolsCall": "tools/call",
    "ResourcesList": "resources/list",
    "ResourcesRead": "resources/read",
    "Invalid": "invalid",
    "Other": "other",
}


@attrs.frozen(kw_only=True)
class Exchanges:
    """Opens and closes exchanges. Called from many threads at once."""

    _runs: RunStore
    _sink: AuditSink
    _metrics: Metrics
    _clock: Clock

    def begin(self, request: RequestContext) -> Exchange:
        """Open the exchange of a request that has just arrived."""
        return Exchange(request=request, now_ms=self._clock.now_ms(), started_ms=self._clock.monotonic_ms())

    def settle(self, exchange: Exchange) -> None:
        """Write what a successful call owes that made no commit of its own (architecture §2, riders).

        Raises:
            QuotaExceededError: Its quota ran out since it was admitted.
            StoreError: Nothing could be written.
        """
        call = exchange.call
        if call is None or call.is_settled:
            return
        with_late_quotas(call, self._write_owed)

    def _write_owed(self, call: Call) -> None:
        self._record(call.riders(call.owed, event=call.done_event()))

    def keep_denials(self, exchange: Exchange) -> None:
        """Make refused authorizations durable where the sink rides; a store that cannot must not change the answer."""
        denials = [event for event in exchange.events if event.is_denial]
        try:
            self._record([rider for event in denials for rider in self._sink.riders(event)])
        except DecisionGateError:
            exchange.events.append(audit_events.denial_not_kept(exchange.request, exchange.now_ms))

    def note_refusal(self, error: DecisionGateError, exchange: Exchange) -> None:
        """Tell the audit why a transport refused a request before reading it, where that is of interest."""
        message = None
        if isinstance(error, InvalidCorrelationIdError):
            message = f"correlation_id_rejected: {error.label}"
        elif isinstance(error, ForbiddenOriginError):
            message = error.reason
        if message is not None:
            exchange.events.append(
                audit_events.security(exchange.request, error.code, message, audit_events.Posture(), exchange.now_ms)
            )

    def finish(self, exchange: Exchange, error: WireError | None, request_bytes: int, response_bytes: int) -> None:
        """Tell audit and metrics how an exchange ended; ``error`` is none when it succeeded."""
        outcome = audit_events.RequestOutcome(
            method=exchange.method,
            tool=exchange.tool,
            error_code=error.code if error else None,
            error_kind=error.kind if error else None,
            request_bytes=request_bytes,
            response_bytes=response_bytes,
        )
        exchange.events.append(audit_events.mcp_request(exchange.request, outcome, exchange.now_ms))
        self._sink.record(exchange.events)
        self._metrics.request(
            RequestMeasured(
                transport=exchange.request.transport,
                method=_METRIC_METHODS[exchange.method],
                tool=exchange.tool,
                outcome="error" if error else "ok",
                error_code=outcome.error_code,
                error_kind=outcome.error_kind,
                request_bytes=request_bytes,
                response_bytes=response_bytes,
                duration_ms=self._clock.monotonic_ms() - exchange.started_ms,
            )
        )

    def _record(self, riders: Sequence[Rider]) -> None:
        if riders:
            self._runs.record(riders)
