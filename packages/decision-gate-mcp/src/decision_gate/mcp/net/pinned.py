"""Connections that go to judged addresses only, and that end when their time is over, whatever the peer does."""

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

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


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to judged addresses, for connections that are kept: each is judged once, when it is made.

    TLS is negotiated for the host that was asked for and not for the address, so certificates are checked as ever.
    """

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
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
        deadline = None if timeout is None else Deadline(timeout)
        refusal: Exception = httpcore.ConnectError("no address")
        for address in self._guard.addresses(host, port):
            left = None if deadline is None else deadline.left()
            if left is not None and left <= 0:
                raise httpcore.ConnectTimeout("out of time")
            try:
                return self._system.connect_tcp(str(address), port, left, local_address, socket_options)
            except httpcore.ConnectError as error:
                refusal = error
        raise refusal


class PinnedBackend(httpcore.NetworkBackend):
    """Connects as ``GuardedBackend`` for one request, which ends at the deadline."""

    def __init__(self, guard: AddressGuard, deadline: Deadline) -> None:
        self._guarded = GuardedBackend(guard)
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect until the deadline. See ``GuardedBackend.connect_tcp`` for what it raises."""
        del timeout
        stream = self._guarded.connect_tcp(host, port, self._deadline.left(), local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every wait ends at the deadline: limits of single reads do not stop a peer that drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return self._stream.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        self._stream.write(buffer, self._left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        del timeout
        stream = self._stream.start_tls(ssl_context, server_hostname, self._left(httpcore.ConnectTimeout))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        return self._stream.get_extra_info(info)

    def _left(self, error: type[Exception]) -> float:
        left = self._deadline.left()
        if left <= 0:
            raise error("out of time")
        return left
