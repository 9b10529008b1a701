"""One request of the ``/rpc`` dialect, bytes to bytes, in a straight line (architecture §3, contract §1.7).

peer rate → size → envelope → router (guards, family) → riders of calls that changed nothing → reply → audit, metrics.
Synchronous: a transport runs it in a thread of its pool. In-flight admission is the transport's first step, because it
must refuse without a thread.
"""

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.error_map import wire_error
from decision_gate.mcp.errors import RequestTooLargeError
from decision_gate.mcp.exchanges import Exchanges
from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimiter
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.rpc import Envelope, Reply, error_reply, parse_envelope, tool_reply, value_reply
from decision_gate.mcp.tools.router import Router

_NULL = b"null"


@attrs.frozen(kw_only=True)
class Pipeline:
    """Answers requests. Called from many threads at once."""

    _router: Router
    _limiter: RateLimiter
    _exchanges: Exchanges
    _max_body_bytes: int

    def answer(self, raw: bytes, request: RequestContext) -> Reply:
        """Answer one request body; never raises.

        ``request`` must not carry a request id yet: it is read from the envelope here.
        """
        exchange = self._exchanges.begin(request)
        id_text = _NULL
        try:
            self._limiter.check(Bucket.PEER, request.peer_ip or request.transport, exchange.started_ms)
            envelope = self._envelope(raw)
            id_text = envelope.id_text
            exchange.request = request = request.identified(id_text.decode())
            result = self._router.answer(envelope, exchange)
            if exchange.call is None:
                reply = value_reply(id_text, result)
            else:
                self._exchanges.settle(exchange)
                reply = tool_reply(id_text, result)
        except Exception as error:  # noqa: BLE001 - the border: whatever happened, the client gets an answer
            reply = error_reply(id_text, wire_error(error), exchange.request.request_id)
            self._exchanges.keep_denials(exchange)
        self._exchanges.finish(exchange, reply.error, len(raw), len(reply.body))
        return reply

    def refuse(self, error: DecisionGateError, request: RequestContext, body_bytes: int) -> Reply:
        """Answer a request that a transport refuses before it is read: overload, correlation, origin, size."""
        exchange = self._exchanges.begin(request)
        self._exchanges.note_refusal(error, exchange)
        reply = error_reply(_NULL, wire_error(error), None)
        self._exchanges.finish(exchange, reply.error, body_bytes, len(reply.body))
        return reply

    def _envelope(self, raw: bytes) -> Envelope:
        if len(raw) > self._max_body_bytes:
            raise RequestTooLargeError
        return parse_envelope(raw)
