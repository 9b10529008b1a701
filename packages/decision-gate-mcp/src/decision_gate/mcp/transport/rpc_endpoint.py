"""``POST /rpc`` as a plain ASGI application: a framework's request object would cost more than routing (§1.3)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import Executor
from typing import Any

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.error_map import retry_after_seconds
from decision_gate.mcp.errors import RequestTooLargeError, ServerOverloadedError
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.pipeline import Pipeline
from decision_gate.mcp.rpc import Reply
from decision_gate.mcp.transport.edge import (
    CORRELATION_HEADER,
    SERVER_CORRELATION_HEADER,
    Edge,
    read_headers,
)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

UNAUTHENTICATED = 401
SUBJECT_STATE = "decision_gate.client_subject"
"""Key of the scope's state under which the TLS protocol leaves the verified certificate's subject."""


class Disconnected(Exception):  # noqa: N818 - no error: the client hung up before it had said everything
    """Internal: there is nobody left to answer."""


@attrs.define(kw_only=True)
class Admission:
    """How many requests may be worked on at once; used on the event loop only, so it needs no lock."""

    max_inflight: int
    inflight: int = attrs.field(default=0, init=False)

    def enter(self) -> None:
        """Take one place. Raise ``ServerOverloadedError`` when none is free."""
        if self.inflight >= self.max_inflight:
            raise ServerOverloadedError
        self.inflight += 1

    def leave(self) -> None:
        """Give the place back."""
        self.inflight -= 1


@attrs.frozen(kw_only=True)
class RpcEndpoint:
    """Reads a body, hands it to the pipeline in a thread, writes the reply.

    Attributes:
        edge: What is found out from headers.
        pipeline: What answers.
        pool: Threads of the pipeline, as many as ``admission`` lets in.
        admission: In-flight limit.
        max_body_bytes: Largest body that is read.
        challenge: ``WWW-Authenticate`` of a 401, if any.
        is_event_stream: Whether a reply is one server-sent event (contract §1.4).
    """

    edge: Edge
    pipeline: Pipeline
    pool: Executor
    admission: Admission
    max_body_bytes: int
    challenge: Callable[[], str | None]
    is_event_stream: bool = False

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request. The order of refusals is contract §1.7, with host and origin first (deviation X3)."""
        headers = read_headers(scope["headers"])
        client = scope.get("client")
        subject = scope.get("state", {}).get(SUBJECT_STATE)
        context = self.edge.context(headers, client[0] if client else None, subject)
        body = b""
        try:
            context = self.edge.admit(headers, context)
            body = await self._body(headers, receive)
            reply = await self._answer(body, context)
        except DecisionGateError as error:
            reply = self.pipeline.refuse(error, context, len(body))
        except Disconnected:
            return
        await self._write(reply, context, send)

    async def _answer(self, body: bytes, context: RequestContext) -> Reply:
        self.admission.enter()
        work = asyncio.get_running_loop().run_in_executor(self.pool, self.pipeline.answer, body, context)
        work.add_done_callback(self._done)
        # A commit that has begun is finished: a cancelled request leaves its thread, and its place, until it ends.
        return await asyncio.shield(work)

    def _done(self, _work: "asyncio.Future[Reply]") -> None:
        self.admission.leave()

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """Read the body. Raise ``RequestTooLargeError`` by its declared length, else as soon as it is known."""
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self.max_body_bytes:
            raise RequestTooLargeError
        parts: list[bytes] = []
        size, is_more = 0, True
        while is_more:
            message = await receive()
            if message["type"] != "http.request":
                raise Disconnected
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.max_body_bytes:
                raise RequestTooLargeError
            is_more = message.get("more_body", False)
        return parts[0] if len(parts) == 1 else b"".join(parts)

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
