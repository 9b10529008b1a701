"""HTTP/1.1 that waits for nobody without end and keeps no head of any size (contract §1.3).

The web server bounds bodies only by what the application reads; it would collect the head of a request without limit,
and keep a connection that never finishes one.
"""

import asyncio
from collections.abc import Collection
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from decision_gate.core.errors import CallerError

MAX_HEAD_BYTES: Final = 65_536
"""Request line and headers together; trailers count too. Authorization alone may have 8 KiB (contract §4.1)."""

MAX_HEADERS: Final = 200
"""Headers of one request; the reference's framework takes 100."""

FRAMING_SHARE: Final = 16
"""Bytes of chunk framing allowed for each byte of body: the smallest chunks have six."""

STALL_SECONDS: Final = 30.0
"""How long a client may take for a head, and may pause within a body."""


class HeadRefusedError(CallerError):
    """Raised inside the parser, which answers 400 and closes the connection."""

    code: ClassVar[str] = "head_refused"


class QueueFlow(FlowControl):
    """Reads nothing while requests wait for the answer to the one before them.

    The web server would read on after every answer, and keep a whole read full of requests for each: a client could
    queue thousands for one answer, without end.
    """

    def __init__(self, transport: asyncio.Transport, queue: Collection[object]) -> None:
        super().__init__(transport)
        self._queue = queue

    def resume_reading(self) -> None:
        """Read on unless requests wait; the request that is answered before them has been read whole."""
        if not self._queue:
            super().resume_reading()


class BoundedProtocol(HttpToolsProtocol):
    """One connection.

    INVARIANT: what is buffered of a request before the application sees it is at most ``MAX_HEAD_BYTES`` and one read
    of the event loop; requests that wait for their turn all came in one read.
    """

    _is_in_head = True
    _is_in_message = False
    _head_bytes = 0
    _has_host = False
    _received = 0
    _body_bytes = 0
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the base class has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.flow = QueueFlow(transport, self.pipeline)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, then judge what the parser holds back and begin, go on or stop to wait."""
        self._received += len(data)
        was_in_head = self._is_in_message and self._is_in_head
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._received > MAX_HEAD_BYTES + FRAMING_SHARE * self._body_bytes and self._is_in_message:
            self.send_400_response("Request head too large.")
            return
        if not self._is_in_message:
            self._unwatch()
        elif not (was_in_head and self._is_in_head):
            # A head has one deadline however it drips; a body has one from each of its parts to the next.
            self._watch()

    def on_message_begin(self) -> None:
        """Count from here."""
        super().on_message_begin()
        self._is_in_message = self._is_in_head = True
        self._has_host = False
        self._received = self._head_bytes = self._body_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Raise ``HeadRefusedError`` when the request line is too long."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Raise ``HeadRefusedError`` for too many or too long headers, and for a second ``Host`` (RFC 9112 §3.2)."""
        self._count(len(name) + len(value))
        if len(self.headers) >= MAX_HEADERS:
            raise HeadRefusedError(f"more than {MAX_HEADERS} headers")
        if name.lower() == b"host":
            if self._has_host:
                raise HeadRefusedError("more than one host header")
            self._has_host = True
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what the application may read."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing more of this request."""
        self._is_in_message = False
        super().on_message_complete()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            raise HeadRefusedError(f"head is over {MAX_HEAD_BYTES} bytes")

    def _watch(self) -> None:
        self._unwatch()
        self._stalled = self.loop.call_later(STALL_SECONDS, self._end)

    def _unwatch(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _end(self) -> None:
        """Close a connection that stalls, unless it is this side that does not read or has not answered yet."""
        cycle: Any = self.cycle
        is_answering = self._is_in_head and cycle is not None and not cycle.response_complete
        if self.flow.read_paused or is_answering:
            self._watch()
            return
        self.transport.close()
