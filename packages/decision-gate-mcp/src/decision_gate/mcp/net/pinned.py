"""Connections that go to judged addresses only, and that end when their time is over, whatever the peer does."""

import math
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import httpcore

from decision_gate.mcp.net.guard import AddressGuard


class Deadline:
    """The moment when everything must be over.

    Args:
        seconds: from now.
        monotonic: seconds of a clock that only runs forward.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._due = monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, negative afterwards."""
        return self._due - self._monotonic()


class RunningOut(Protocol):
    """Something that is over at some moment."""

    def left(self) -> float:
        """Return the seconds that are left, negative afterwards and infinite where there is no end."""
        ...


class ThreadsDeadline(threading.local):
    """The deadline of what the calling thread asks for right now: a connection that is kept serves many requests."""

    _deadline: Deadline | None = None

    def left(self) -> float:
        """See ``RunningOut``."""
        return math.inf if self._deadline is None else self._deadline.left()

    @contextmanager
    def until(self, deadline: Deadline | None) -> Iterator[None]:
        """Let *deadline* hold for the calling thread while the block lasts."""
        before, self._deadline = self._deadline, deadline
        try:
            yield
        finally:
            self._deadline = before


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to judged addresses, for connections that are kept: each is judged once, when it is made.

    TLS is negotiated for the host that was asked for and not for the address, so certificates are checked as ever.
    Every wait ends with its own limit or when *running_out* is over, whatever comes first.
    """

    def __init__(self, guard: AddressGuard, running_out: RunningOut) -> None:
        self._guard = guard
        self._running_out = running_out
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that accepts; *timeout* is for all of them together.

        Raises:
            AddressForbiddenError: see ``AddressGuard.addresses``.
            HostUnresolvedError: as above.
            httpcore.ConnectError: no address accepts.
            httpcore.ConnectTimeout: none accepts in time.
        """
        own = None if timeout is None else Deadline(timeout)
        refusal: Exception = httpcore.ConnectError("no address")
        for address in self._guard.addresses(host, port):
            left = _shorter(None if own is None else own.left(), self._running_out, httpcore.ConnectTimeout)
            try:
                stream = self._system.connect_tcp(str(address), port, left, local_address, socket_options)
            except httpcore.ConnectError as error:
                refusal = error
                continue
            return _TimedStream(stream, self._running_out)
        raise refusal


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every wait ends in time: limits of single reads do not stop a peer that drips."""

    def __init__(self, stream: httpcore.NetworkStream, running_out: RunningOut) -> None:
        self._stream = stream
        self._running_out = running_out

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _shorter(timeout, self._running_out, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _shorter(timeout, self._running_out, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _shorter(timeout, self._running_out, httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._running_out)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        return self._stream.get_extra_info(info)


def _shorter(timeout: float | None, running_out: RunningOut, error: type[Exception]) -> float | None:
    """Return how long to wait, none for ever. Raise *error* when there is no time left."""
    left = min(math.inf if timeout is None else timeout, running_out.left())
    if left <= 0:
        raise error("out of time")
    return None if left == math.inf else left
