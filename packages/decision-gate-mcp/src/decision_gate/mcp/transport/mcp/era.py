"""One era of one stdio session: the SDK's loop, and the requests that it has not answered yet."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Protocol, Self

import anyio
import attrs
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from decision_gate.mcp.transport.mcp.passage import Passage
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage

_BUFFERED: Final = 64


class Settle(Protocol):
    """Ends a request that has left the SDK, answered or not."""

    async def __call__(self, passage: Passage, method: str, *, is_refused: bool) -> None:
        """Keep its books and give its place back."""
        ...


@attrs.define(kw_only=True, eq=False)
class Era:
    """Requests on their way through one loop; used on the event loop only.

    Attributes:
        settle: Called with every request that leaves.
        tell: Writes one message to the client.
        inbox: Where messages of this era go in.
    """

    settle: Settle
    tell: Callable[[bytes], Awaitable[None]]
    inbox: MemoryObjectSendStream[SessionMessage | Exception] = attrs.field(init=False)
    _outbox: MemoryObjectReceiveStream[SessionMessage | Exception] = attrs.field(init=False)
    _inside: dict[types.RequestId, tuple[Passage, str]] = attrs.field(factory=dict, init=False)
    _is_idle: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self.inbox, self._outbox = anyio.create_memory_object_stream[SessionMessage | Exception](_BUFFERED)
        self._is_idle.set()

    async def run(self, server: Server[Any]) -> None:
        """Serve until the inbox is closed."""
        await server.run(self._outbox, _Writer(self), server.create_initialization_options())

    async def idle(self) -> None:
        """Wait until every request has left."""
        await self._is_idle.wait()

    def enter(self, request: types.JSONRPCRequest, passage: Passage) -> bool:
        """Note a request that goes in; false when another one with its id is still inside."""
        if request.id in self._inside:
            return False
        self._inside[request.id] = (passage, request.method)
        self._is_idle.clear()
        return True

    async def leave(self, request_id: types.RequestId | None, *, is_refused: bool) -> None:
        """Note a request that came out, answered or cancelled; once, however often it is told."""
        found = None if request_id is None else self._inside.pop(request_id, None)
        if found is not None:
            passage, method = found
            await self.settle(passage, method, is_refused=is_refused)
        if not self._inside:
            self._is_idle.set()


class _Writer:
    """The SDK's end of the wire. Closing one era must not close it for the other."""

    def __init__(self, era: Era) -> None:
        self._era = era

    async def send(self, item: SessionMessage, /) -> None:
        message = item.message
        await self._era.tell(message.model_dump_json(by_alias=True, exclude_unset=True).encode())
        if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
            await self._era.leave(message.id, is_refused=isinstance(message, types.JSONRPCError))

    async def aclose(self) -> None:
        return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        return
