"""``POST /rpc`` as a plain ASGI application: a framework's request object would cost more than routing (§1.3)."""

from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import Executor
from functools import partial
from typing import Any

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.error_map import retry_after_seconds
from decision_gate.mcp.hooks.request import RequestContext, Sender
from decision_gate.mcp.pipeline import Pipeline
from decision_gate.mcp.rpc import Reply
from decision_gate.mcp.transport.admission import Admission, in_work
from decision_gate.mcp.transport.body import Disconnected, Receive, Send, read_body
from decision_gate.mcp.transport.edge import (
    CORRELATION_HEADER,
    SERVER_CORRELATION_HEADER,
    Edge,
    read_headers,
)
from decision_gate.mcp.transport.shares import Origin, Shares

UNAUTHENTICATED = 401
SUBJECT_STATE = "decision_gate.client_subject"
"""Key of the scope's state under which the TLS protocol leaves the verified certificate's subject."""


@attrs.frozen(kw_only=True)
class RpcEndpoint:
    """Reads a body, hands it to the pipeline in a thread, writes the reply.

    Attributes:
        edge: What is found out from headers.
        pipeline: What answers.
        pool: Threads of the pipeline, as many as ``admission`` lets in.
        admission: In-flight limit, and whose turn it is.
        shares: Who the sender of a request is, as far as one knows.
        max_body_bytes: Largest body that is read.
        challenge: ``WWW-Authenticate`` of a 401, if any.
        is_event_stream: Whether a reply is one server-sent event (contract §1.4).
    """

    edge: Edge
    pipeline: Pipeline
    pool: Executor
    admission: Admission
    shares: Shares
    max_body_bytes: int
    challenge: Callable[[], str | None]
    is_event_stream: bool = False

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request. The order of refusals is contract §1.7, with host and origin first (deviation X3)."""
        headers = read_headers(scope["headers"])
        client = scope.get("client")
        subject = scope.get("state", {}).get(SUBJECT_STATE)
        sender = Sender()
        context = self.edge.context(headers, client[0] if client else None, subject, sender)
        origin = Origin.of(client, context)
        body = b""
        try:
            context = self.edge.admit(headers, context)
            body = await read_body(headers, receive, self.max_body_bytes)
            reply = await self._answer(body, context, origin, sender)
        except DecisionGateError as error:
            reply = self.pipeline.refuse(error, context, len(body))
        except Disconnected:
            return
        await self._write(reply, context, send)

    async def _answer(self, body: bytes, context: RequestContext, origin: Origin, sender: Sender) -> Reply:
        place = await self.admission.enter(self.shares.of(origin))

        def ended() -> None:
            self.admission.leave(place)
            self.shares.learn(origin, sender)

        return await in_work(self.pool, self.admission, place, partial(self.pipeline.answer, body, context), ended)

    async def _write(self, reply: Reply, context: RequestContext, send: Send) -> None:
        body = b"data: %b\n\n" % reply.body if self.is_event_stream else reply.body
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": list(self._headers(reply, context, len(body))),
            }
        )
        await send({"type": "http.response.body", "body": body})

    def _headers(self, reply: Reply, context: RequestContext, size: int) -> Iterator[tuple[bytes, bytes]]:
        if self.is_event_stream:
            yield b"content-type", b"text/event-stream"
            yield b"cache-control", b"no-cache"
        else:
            yield b"content-type", b"application/json"
        yield b"content-length", str(size).encode()
        yield SERVER_CORRELATION_HEADER, context.server_correlation_id.encode()
        if context.client_correlation_id is not None:
            yield CORRELATION_HEADER, context.client_correlation_id.encode()
        error = reply.error
        if error is None:
            return
        wait = retry_after_seconds(error)
        if wait is not None:
            yield b"retry-after", str(wait).encode()
        if reply.status == UNAUTHENTICATED and (challenge := self.challenge()) is not None:
            yield b"www-authenticate", challenge.encode()
