"""One request, bytes to bytes, in a straight line (architecture §3, contract §1.7).

peer rate → size → envelope → router (guards, family) → riders of calls that changed nothing → reply → audit,
metrics.
Synchronous: a transport runs it in a thread of its pool. In-flight admission is the transport's first step,
    because it
must refuse without a thread.
"""

from collections.abc import Sequence

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Rider, RunStore
from decision_gate.mcp.clock import Clock
from decision_gate.mcp.error_map import wire_error
from decision_gate.mcp.errors import (
    ForbiddenOriginError,
    InvalidCorrelationIdError,
    RequestTooLargeError,
)
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.hooks.metrics import Metrics, RequestMeasured
from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimiter
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.rpc import Envelope, Reply, error_reply, parse_envelope, tool_reply, value_reply
from decision_gate.mcp.tools.router import Exchange, Router

_NULL = b"null"

_METRIC_METHODS = {
    "ToolsList": "tools/list",
    "ToolsCall": "tools/call",
    "ResourcesList": "resources/list",
    "ResourcesRead": "resources/read",
    "Invalid": "invalid",
    "Other": "other",
}


@attrs.frozen(kw_only=True)
class Pipeline:
    """Answers requests. Called from many threads at once."""

    _router: Router
    _limiter: RateLimiter
    _runs: RunStore
    _sink: AuditSink
    _metrics: Metrics
    _clock: Clock
    _max_body_bytes: int

    def answer(self, raw: bytes, request: RequestContext) -> Reply:
        """Answer one request body; never raises.

        ``request`` must not carry a request id yet: it is read from the envelope here.
        """
        started_ms = self._clock.monotonic_ms()
        exchange = Exchange(request=request, now_ms=self._clock.now_ms())
        id_text = _NULL
        try:
            self._limiter.check(Bucket.PEER, request.peer_ip or request.transport, started_ms)
            envelope = self._envelope(raw)
            id_text = envelope.id_text
            exchange.request = request = attrs.evolve(request, request_id=id_text.decode())
            result = self._router.answer(envelope, exchange)
            if exchange.call is None:
                reply = value_reply(id_text, result)
            else:
                self._write_riders(exchange)
                reply = tool_reply(id_text, result)
        except Exception as error:  # noqa: BLE001 - the border: whatever happened, the client gets an answer
            reply = error_reply(id_text, wire_error(error), exchange.request.request_id)
            self._keep_denials(exchange)
        self._observe(exchange, reply, len(raw), started_ms)
        return reply

    def refuse(self, error: DecisionGateError, request: RequestContext, body_bytes: int) -> Reply:
        """Answer a request that a transport refuses before it is read: overload, correlation, origin, size."""
        started_ms = self._clock.monotonic_ms()
        exchange = Exchange(request=request, now_ms=self._clock.now_ms())
        message = None
        if isinstance(error, InvalidCorrelationIdError):
            message = f"correlation_id_rejected: {error.label}"
        elif isinstance(error, ForbiddenOriginError):
            message = error.reason
        if message is not None:
            exchange.events.append(
                audit_events.security(request, error.code, message, audit_events.Posture(), exchange.now_ms)
            )
        reply = error_reply(_NULL, wire_error(error), None)
        self._observe(exchange, reply, body_bytes, started_ms)
        return reply

    def _envelope(self, raw: bytes) -> Envelope:
        if len(raw) > self._max_body_bytes:
            raise RequestTooLargeError
        return parse_envelope(raw)

    def _write_riders(self, exchange: Exchange) -> None:
        """Write what a successful call owes that made no commit of its own (architecture §2, riders)."""
        call = exchange.call
        if call is None or call.is_settled:
            return
        self._record(call.riders(call.owed, event=audit_events.tool_done(call.scope, call.now_ms)))

    def _keep_denials(self, exchange: Exchange) -> None:
        """Make refused authorizations durable where the sink rides; a store that cannot must not change the answer."""
        denials = [event for event in exchange.events if event.is_denial]
        try:
            self._record([rider for event in denials for rider in self._sink.riders(event)])
        except DecisionGateError:
            exchange.events.append(audit_events.denial_not_kept(exchange.request, exchange.now_ms))

    def _record(self, riders: Sequence[Rider]) -> None:
        if riders:
            self._runs.record(riders)

    def _observe(self, exchange: Exchange, reply: Reply, request_bytes: int, started_ms: float) -> None:
        error = reply.error
        outcome = audit_events.RequestOutcome(
            method=exchange.method,
            tool=exchange.tool,
            error_code=error.code if error else None,
            error_kind=error.kind if error else None,
            request_bytes=request_bytes,
            response_bytes=len(reply.body),
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
                response_bytes=len(reply.body),
                duration_ms=self._clock.monotonic_ms() - started_ms,
            )
        )
