"""A web client for one service that the configuration names, every connection of it guarded (deviation X8).

The service itself may have any address: the operator named it. Whatever its redirects name may not, and is asked
without its credentials.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, cast

import httpcore
import httpx

from decision_gate.mcp.net.errors import AddressForbiddenError, HostUnresolvedError
from decision_gate.mcp.net.guard import AddressGuard, Resolve, normal_host, resolve_by_system
from decision_gate.mcp.net.pinned import Deadline, GuardedBackend, ThreadsDeadline

MAX_REDIRECTS: Final = 10
"""Redirects of one question; the default of the reference's client."""

DEADLINE: Final = "deadline"
"""Extension of a request: the ``Deadline`` when its whole answer, head and body, must be there."""


def guarded_client(
    url: str,
    *,
    token: str | None,
    timeout: httpx.Timeout,
    resolve: Resolve = resolve_by_system,
) -> httpx.Client:
    """Return a client for the service at *url*; it follows no redirect by itself and uses no proxy of the environment.

    Args:
        url: where the service is; its host may have any address.
        token: sent to the origin of *url* as a bearer token.
        timeout: of connecting and of single reads; a request may have a ``DEADLINE`` beside it.
        resolve: finds addresses.
    """
    transport = _GuardedTransport(AddressGuard(permitted_hosts=_named(url), resolve=resolve))
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.Client(headers=headers, timeout=timeout, transport=transport, follow_redirects=False, trust_env=False)


@contextmanager
def redirected(client: httpx.Client, request: httpx.Request, deadline: Deadline) -> Iterator[httpx.Response]:
    """Send a request and follow its redirects; every hop is judged, and another origin is sent no ``Authorization``.

    The body of the response is unread.

    Raises:
        httpx.TooManyRedirects: There are more than ``MAX_REDIRECTS``.
        httpx.ReadTimeout: The deadline is over before the next hop.
        httpx.HTTPError: Nobody answers, or an address is forbidden.
    """
    for _hop in range(MAX_REDIRECTS + 1):
        if deadline.left() <= 0:
            raise httpx.ReadTimeout("out of time", request=request)
        request.extensions[DEADLINE] = deadline
        response = client.send(request, stream=True)
        try:
            if response.next_request is None:
                yield response
                return
            request = response.next_request
        finally:
            response.close()
    raise httpx.TooManyRedirects("too many redirects", request=request)


def _named(url: str) -> frozenset[str]:
    try:
        host = httpx.URL(url).raw_host.decode("ascii")
    except httpx.InvalidURL:
        return frozenset()  # told as the failure of the first request, as in the reference
    return frozenset({normal_host(host)})


class _GuardedTransport(httpx.BaseTransport):
    """httpx's own transport takes no network backend, so this one puts its pool and its errors together."""

    def __init__(self, guard: AddressGuard) -> None:
        tls = httpx.create_ssl_context(trust_env=False)
        self._current = ThreadsDeadline()
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=GuardedBackend(guard, self._current))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=cast("httpx.SyncByteStream", request.stream),
            extensions=request.extensions,
        )
        deadline: Deadline | None = request.extensions.get(DEADLINE)
        with _translated(), self._current.until(deadline):
            answered = self._pool.handle_request(asked)
        return httpx.Response(
            answered.status,
            headers=answered.headers,
            stream=_Body(answered, self._current, deadline),
            extensions=answered.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answered: httpcore.Response, current: ThreadsDeadline, deadline: Deadline | None) -> None:
        self._answered = answered
        self._current = current
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        chunks = self._answered.iter_stream()
        while True:
            with _translated(), self._current.until(self._deadline):
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    def close(self) -> None:
        self._answered.close()


_ERRORS: Mapping[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.NetworkError: httpx.ConnectError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.ProtocolError: httpx.ProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    AddressForbiddenError: httpx.ConnectError,
    HostUnresolvedError: httpx.ConnectError,
    OSError: httpx.ConnectError,
}
"""The first that fits is raised; ``OSError`` stands for what ``ssl`` raises through httpcore."""


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except tuple(_ERRORS) as error:
        meant = next(target for source, target in _ERRORS.items() if isinstance(error, source))
        raise meant(str(error)) from error
