"""HTTP servers that stand in for somebody else: an evidence service, an authority, a host that must not be reached."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

_POLL_S = 0.02
_STOP_S = 20.0


@attrs.frozen(kw_only=True)
class Asked:
    """One request that came. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@attrs.frozen(kw_only=True)
class Says:
    """An answer: a status with a body, or *raw* bytes as they are, whatever they are."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    raw: bytes | None = None
    pause_s: float = 0.0
    """Between single bytes of *raw*."""


@attrs.frozen(kw_only=True)
class StandIn:
    """A server of this process on a free port of 127.0.0.1.

    Attributes:
        asked: Everything that was asked, in the order of arrival.
        is_released: What answers may wait for; it is set when the server ends.
    """

    port: int
    asked: list[Asked]
    is_released: threading.Event

    @property
    def url(self) -> str:
        """Its root, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"


Answering = Callable[[Asked, threading.Event], Says]
"""Answers a request; may wait for the event, and is called from a thread for each connection."""


@contextlib.contextmanager
def standing_in(answering: Answering, port: int = 0) -> Iterator[StandIn]:
    """Serve for the length of the block; requests that nobody answers do not hold it up."""
    stand_in: list[StandIn] = []

    class Handler(BaseHTTPRequestHandler):
        """Hands a request over and sends what comes back."""

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def answer(self) -> None:
            [own] = stand_in
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(method=self.command, path=self.path, headers=headers, body=self.rfile.read(length))
            own.asked.append(asked)
            says = answering(asked, own.is_released)
            with contextlib.suppress(OSError):
                self.send(says, own.is_released)

        do_GET = do_POST = answer  # noqa: N815 - names of the library

        def send(self, says: Says, is_released: threading.Event) -> None:
            self.close_connection = True
            if says.raw is None:
                self.send_response(says.status)
                for name, value in {"content-length": str(len(says.body)), **says.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(says.body)
            elif not says.pause_s:
                self.wfile.write(says.raw)
            else:
                for byte in says.raw:
                    self.wfile.write(bytes([byte]))
                    if is_released.wait(says.pause_s):
                        return

        def log_message(self, *_details: Any) -> None:  # noqa: ANN401 - of the library
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        """Leaves requests that hang to themselves."""

        daemon_threads = True
        block_on_close = False
        request_queue_size = 128

    with Server(("127.0.0.1", port), Handler) as server:
        own = StandIn(port=server.server_port, asked=[], is_released=threading.Event())
        stand_in.append(own)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _POLL_S})
        thread.start()
        try:
            yield own
        finally:
            own.is_released.set()
            server.shutdown()
            thread.join(_STOP_S)
