"""``/mcp`` as a plain ASGI application: what must be settled before the SDK sees a message (deviations X2, X3, X13).

host and origin → correlation id → method → place → body → peer rate, size, strict JSON, caller → the SDK. The SDK is
imported by the first message that comes this far.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.error_map import retry_after_seconds
from decision_gate.mcp.hooks.request import RequestContext, Sender
from decision_gate.mcp.mcp_pipeline import Admitted, McpPipeline
from decision_gate.mcp.refusals import INVALID_REQUEST, Refusal
from decision_gate.mcp.transport.admission import Admission
from decision_gate.mcp.transport.body import Disconnected, Receive, Send, read_body
from decision_gate.mcp.transport.edge import CORRELATION_HEADER, SERVER_CORRELATION_HEADER, Edge, read_headers
from decision_gate.mcp.transport.mcp.passage import STATE_KEY, Passage, Permit, in_thread
from decision_gate.mcp.transport.rpc_endpoint import SUBJECT_STATE, UNAUTHENTICATED
from decision_gate.mcp.transport.shares import Origin, Shares

if TYPE_CHECKING:
    from decision_gate.mcp.transport.mcp.streamable import Streamable

METHODS: Final = ("POST", "GET", "DELETE")
"""Methods that are routed here; GET and DELETE get 405, for there are no sessions to stream or to end."""

_BLANK = b" \t"
_LEAST_ERROR_STATUS = 400


@attrs.define(kw_only=True)
class McpEndpoint:
    """Admits MCP messages and hands them to the SDK.

    Attributes:
        edge: What is found out from headers.
        pipeline: What answers.
        pool: Threads of the pipeline.
        admission: In-flight limit, and whose turn it is; shared with ``/rpc``.
        shares: Who the sender of a request is, as far as one knows; shared likewise.
        max_body_bytes: Largest body that is read.
        challenge: ``WWW-Authenticate`` of a 401, if any.
    """

    edge: Edge
    pipeline: McpPipeline
    pool: Executor
    admission: Admission
    shares: Shares
    max_body_bytes: int
    challenge: Callable[[], str | None]
    _served: "tuple[asyncio.AbstractEventLoop, asyncio.Task[Streamable]] | None" = attrs.field(default=None, init=False)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = read_headers(scope["headers"])
        client = scope.get("client")
        subject = scope.get("state", {}).get(SUBJECT_STATE)
        sender = Sender()
        context = self.edge.context(headers, client[0] if client else None, subject, sender)
        origin = Origin.of(client, context)
        body = b""
        try:
            context = self.edge.admit(headers, context)
            if scope["method"] != "POST":
                await _send_json(send, 405, _METHOD_NOT_ALLOWED, [(b"allow", b"POST"), *_correlation(context)])
                return
            body = await read_body(headers, receive, self.max_body_bytes)
            place = await self.admission.enter(self.shares.of(origin))
        except DecisionGateError as error:
            await self._refuse(self.pipeline.refuse(error, context, len(body)), context, None, send)
            return
        except Disconnected:
            return
        permit = Permit(admission=self.admission, place=place)
        try:
            arrival = _Arrival(scope=scope, context=context, body=body)
            await self._admitted(arrival, permit, receive, send)
        finally:
            permit.release()
            self.shares.learn(origin, sender)

    async def _admitted(self, arrival: "_Arrival", permit: Permit, receive: Receive, send: Send) -> None:
        body, context = arrival.body, arrival.context
        admitted = await in_thread(self.pool, permit, partial(self.pipeline.admit, body, context))
        if not isinstance(admitted, Admitted):
            await self._refuse(admitted, context, None, send)
            return
        passage = Passage(request=admitted.request, permit=permit, body_bytes=len(body))
        serve = await self._streamable()
        reply = _Reply(send=send, correlation=list(_correlation(context)))
        await serve(arrival.passed_on(passage), _replayed(body, receive), reply)
        if not passage.is_told:
            is_refused = reply.status >= _LEAST_ERROR_STATUS
            note = partial(
                self.pipeline.note, _method_of(admitted.message), admitted.request, len(body), is_refused=is_refused
            )
            await in_thread(self.pool, permit, note)

    async def _streamable(self) -> "Streamable":
        """Return the SDK's side, started at the first message of this event loop."""
        loop = asyncio.get_running_loop()
        if self._served is None or self._served[0] is not loop:
            self._served = (loop, loop.create_task(self._start()))
        return await asyncio.shield(self._served[1])

    async def _start(self) -> "Streamable":
        streamable = await asyncio.get_running_loop().run_in_executor(self.pool, self._make)
        await streamable.start()
        return streamable

    def _make(self) -> "Streamable":
        # Imported here, in a thread: who speaks only /rpc never pays for the SDK, and nobody waits for its import.
        from decision_gate.mcp.transport.mcp.sdk_server import sdk_server  # noqa: PLC0415 - lazy
        from decision_gate.mcp.transport.mcp.streamable import Streamable  # noqa: PLC0415 - lazy

        return Streamable(sdk_server(self.pipeline, self.pool), self.max_body_bytes)

    async def _refuse(self, refused: Refusal, context: RequestContext, id_value: JsonValue, send: Send) -> None:
        value: dict[str, JsonValue] = {
            "jsonrpc": "2.0",
            "id": id_value,
            "error": {
                "code": refused.json_rpc_code,
                "message": refused.wire.message,
                "data": refused.value(context.server_correlation_id),
            },
        }
        headers = list(_correlation(context))
        status = refused.http_status
        if (wait := retry_after_seconds(refused.wire)) is not None:
            headers.append((b"retry-after", str(wait).encode()))
        if status == UNAUTHENTICATED and (challenge := self.challenge()) is not None:
            headers.append((b"www-authenticate", challenge.encode()))
        await _send_json(send, status, plain(value), headers)


@attrs.frozen(kw_only=True)
class _Arrival:
    scope: MutableMapping[str, Any]
    context: RequestContext
    body: bytes

    def passed_on(self, passage: Passage) -> dict[str, Any]:
        """Return the scope that the SDK sees.

        Header values lose the white space around them, which httptools leaves there and RFC 9110 does not count; the
        SDK compares some of them with the body.
        """
        return {
            **self.scope,
            "headers": [(name, value.strip(_BLANK)) for name, value in self.scope["headers"]],
            "state": {**self.scope.get("state", {}), STATE_KEY: passage},
        }


@attrs.define(kw_only=True)
class _Reply:
    """Sends on what the SDK answers, with the correlation ids in its head."""

    send: Send
    correlation: list[tuple[bytes, bytes]]
    status: int = 0

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), *self.correlation]}
        await self.send(message)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body once more, then what the client does next."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> MutableMapping[str, Any]:
        return pending.pop() if pending else await receive()

    return replay


def _method_of(message: JsonValue) -> str:
    method = message.get("method") if isinstance(message, Mapping) else None
    return method if isinstance(method, str) else ""


def _correlation(context: RequestContext) -> Iterator[tuple[bytes, bytes]]:
    yield SERVER_CORRELATION_HEADER, context.server_correlation_id.encode()
    if context.client_correlation_id is not None:
        yield CORRELATION_HEADER, context.client_correlation_id.encode()


async def _send_json(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


_METHOD_NOT_ALLOWED = plain(
    {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": INVALID_REQUEST, "message": "there are no sessions here; send every message with POST"},
    }
)
