"""MCP over standard input and output: one JSON message a line, both eras at once.

The SDK's own loop settles the era by the first request and refuses the other from then on; real clients ask
``server/discover`` first and then fall back to ``initialize``. Here each message goes to the loop of its own era.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import Any, Final

import anyio
import anyio.abc
import attrs
import mcp_types as types
from pydantic import ValidationError

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.correlation import server_correlation_ids
from decision_gate.mcp.errors import InvalidRequestError, RequestTooLargeError
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.host import Host
from decision_gate.mcp.mcp_pipeline import Admitted, McpPipeline
from decision_gate.mcp.refusals import Refusal
from decision_gate.mcp.transport.admission import Admission
from decision_gate.mcp.transport.mcp.era import Era
from decision_gate.mcp.transport.mcp.passage import Passage, Permit, in_thread
from decision_gate.mcp.transport.mcp.sdk_server import sdk_server
from decision_gate.mcp.transport.shares import ShareName
from decision_gate.mcp.transport.standard_streams import Wire, lines
from decision_gate.mcp.transport.threaded import from_thread
from mcp.server.lowlevel import Server
from mcp.shared.message import ServerMessageMetadata, SessionMessage

VERSION_KEY: Final = "io.modelcontextprotocol/protocolVersion"
GRACE_SECONDS: Final = 30
"""How long requests that were read may still be answered after the input has ended."""

_BLANK: Final = b" \t\r"
_CLIENT: Final = ShareName("peer", "stdio")
"""The one client there is."""


def serve_lines(host: Host, first: bytes, wire: Wire) -> None:
    """Answer messages until the input ends, every one that was read; ``first`` has been read already."""
    server = host.config.server
    with ThreadPoolExecutor(server.limits.max_inflight, thread_name_prefix="dg-call") as pool:
        asyncio.run(_serve(host, pool, wire, lines(first, wire, server.max_body_bytes)))


async def _serve(host: Host, pool: Executor, wire: Wire, source: Iterator[bytes | None]) -> None:
    session = Session(
        pipeline=host.mcp,
        pool=pool,
        admission=Admission(max_inflight=host.config.server.limits.max_inflight),
        write=wire.write,
        correlation_ids=server_correlation_ids(),
    )
    await session.serve(source)


@attrs.define(kw_only=True, eq=False)
class Session:
    """One client. Made and used on the event loop only.

    Attributes:
        pipeline: What answers.
        pool: Threads of the pipeline.
        admission: In-flight limit.
        write: Writes bytes to the client; blocks. Raises ``OSError`` when nobody reads.
        correlation_ids: The server's own ids.
    """

    pipeline: McpPipeline
    pool: Executor
    admission: Admission
    write: Callable[[bytes], None]
    correlation_ids: Iterator[str]
    _turn: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)
    _scope: anyio.CancelScope = attrs.field(factory=anyio.CancelScope, init=False)

    async def serve(self, source: Iterator[bytes | None]) -> None:
        """Lead every line to the loop of its era until there are no more, or nobody reads the answers."""
        server = sdk_server(self.pipeline, self.pool)
        with self._scope:
            async with anyio.create_task_group() as group:
                modern, legacy = self._begin(server, group), self._begin(server, group)
                async with modern.inbox, legacy.inbox, aclosing(from_thread(source)) as arriving:
                    async for line in arriving:
                        await self._take(line, modern, legacy)
                    with anyio.move_on_after(GRACE_SECONDS):
                        await modern.idle()
                        await legacy.idle()

    def _begin(self, server: Server[Any], group: anyio.abc.TaskGroup) -> Era:
        era = Era(settle=self._settled, tell=self._tell)
        group.start_soon(era.run, server)
        return era

    async def _take(self, line: bytes | None, modern: Era, legacy: Era) -> None:
        """Admit one line and pass its message on."""
        if line is not None and not line.strip(_BLANK):
            return
        context = RequestContext(transport="stdio", server_correlation_id=next(self.correlation_ids))
        if line is None:
            await self._refuse(self.pipeline.refuse(RequestTooLargeError(), context, 0), context, None)
            return
        try:
            permit = Permit(admission=self.admission, place=self.admission.admit(_CLIENT))
        except DecisionGateError as error:
            await self._refuse(self.pipeline.refuse(error, context, len(line)), context, _parsed(line))
            return
        admitted = await in_thread(self.pool, permit, partial(self.pipeline.admit, line, context))
        if not isinstance(admitted, Admitted):
            permit.release()
            await self._refuse(admitted, context, _parsed(line))
            return
        passage = Passage(request=admitted.request, permit=permit, body_bytes=len(line))
        await self._pass_on(admitted.message, passage, modern, legacy)

    async def _pass_on(self, value: JsonValue, passage: Passage, modern: Era, legacy: Era) -> None:
        message = _message(value)
        if message is None:
            passage.permit.release()
            refused = self.pipeline.refuse(InvalidRequestError(), passage.request, passage.body_bytes)
            await self._refuse(refused, passage.request, value)
            return
        if not isinstance(message, types.JSONRPCRequest):
            passage.permit.release()
            for era in (modern, legacy) if _is_for_both(message) else (legacy,):
                await era.inbox.send(SessionMessage(message))
            return
        era = modern if message.method != "initialize" and _is_modern(message.params) else legacy
        if not era.enter(message, passage):
            passage.permit.release()
            refused = self.pipeline.refuse(InvalidRequestError(), passage.request, passage.body_bytes)
            await self._refuse(refused, passage.request, None)
            return
        unanswered = partial(era.leave, message.id, is_refused=True)
        metadata = ServerMessageMetadata(request_context=passage, on_request_unanswered=unanswered)
        await era.inbox.send(SessionMessage(message, metadata=metadata))

    async def _settled(self, passage: Passage, method: str, *, is_refused: bool) -> None:
        """Keep the books of a request that no handler has kept, and give its place back."""
        try:
            if not passage.is_told:
                note = partial(self.pipeline.note, method, passage.request, passage.body_bytes, is_refused=is_refused)
                await in_thread(self.pool, passage.permit, note)
        finally:
            passage.permit.release()

    async def _refuse(self, refused: Refusal, context: RequestContext, message: JsonValue) -> None:
        """Answer what goes no further; a notification has no answer, unless it could not even be read."""
        has_id = isinstance(message, dict) and "id" in message
        if isinstance(message, dict) and not has_id:
            return
        id_value = message["id"] if isinstance(message, dict) else None
        error: dict[str, JsonValue] = {
            "code": refused.json_rpc_code,
            "message": refused.wire.message,
            "data": refused.value(context.server_correlation_id),
        }
        echoed = id_value if isinstance(id_value, int | str) and not isinstance(id_value, bool) else None
        await self._tell(plain({"jsonrpc": "2.0", "id": echoed, "error": error}))

    async def _tell(self, text: bytes) -> None:
        """Write one message; the session ends when nobody reads it."""
        async with self._turn:
            try:
                await asyncio.get_running_loop().run_in_executor(self.pool, self.write, text + b"\n")
            except OSError:
                self._scope.cancel()


def _message(value: JsonValue) -> types.JSONRPCMessage | None:
    """Return the message that a value is, none when it is no message of JSON-RPC."""
    try:
        message = types.jsonrpc_message_adapter.validate_python(value, by_name=False)
    except ValidationError:
        return None
    # The SDK would take a request with an impossible id for a notification, and its sender would wait for ever.
    has_id = isinstance(value, dict) and "id" in value
    return None if has_id and isinstance(message, types.JSONRPCNotification) else message


def _parsed(line: bytes) -> JsonValue:
    """Return what a refused line says, for its id only, without which its sender would wait for ever.

    Lenient on purpose: a line is refused for a duplicate key or a NaN in its arguments as well.
    """
    try:
        found: JsonValue = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found


def _is_modern(params: dict[str, Any] | None) -> bool:
    meta = (params or {}).get("_meta")
    return isinstance(meta, dict) and VERSION_KEY in meta


def _is_for_both(message: types.JSONRPCMessage) -> bool:
    """A cancellation names a request by id and not its era."""
    return isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled"
