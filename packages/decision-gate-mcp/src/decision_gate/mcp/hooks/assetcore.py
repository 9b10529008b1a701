"""The namespace authority ``assetcore_http``: another system confirms namespaces over HTTP (contract §4.7)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
import httpx

from decision_gate.mcp.correlation import client_correlation_id
from decision_gate.mcp.errors import InvalidCorrelationIdError
from decision_gate.mcp.hooks.errors import NamespaceInvalidError, NamespaceUnavailableError, UnauthorizedError
from decision_gate.mcp.net.client import guarded_client, redirected
from decision_gate.mcp.net.pinned import Deadline
from decision_gate.mcp.waiting import waiting

_MAX_BODY_BYTES = 65_536
"""What is read of an answer's body, so that its connection can be kept; only the status counts."""


@attrs.frozen(kw_only=True)
class AssetcoreAuthority:
    """Asks ``GET {base_url}/v1/write/namespaces/{namespace_id}`` on every call: no cache, no second try.

    The host is named in the configuration, so it may be a private address; redirects are followed as the reference
    follows them, but each is judged by the address guard, and the token goes to no other origin (deviation X8).

    Attributes:
        client: made by ``guarded_client``.
        base_url: where the authority is.
        request_timeout_ms: time for the whole answer, redirects included.
        monotonic: seconds of a clock that only runs forward.
    """

    client: httpx.Client
    base_url: str
    request_timeout_ms: int = 2000
    monotonic: Callable[[], float] = time.monotonic

    def ensure(self, tenant_id: int | None, namespace_id: int, correlation_id: str) -> None:
        """Confirm a namespace; the tenant is not transmitted. See ``NamespaceAuthority``."""
        del tenant_id
        try:
            checked = client_correlation_id(correlation_id)
        except InvalidCorrelationIdError:
            raise NamespaceInvalidError("invalid request id") from None
        url = f"{self.base_url.rstrip('/')}/v1/write/namespaces/{namespace_id}"
        try:
            request = self.client.build_request("GET", url, headers={"x-correlation-id": checked})
            response = self._answered(request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NamespaceUnavailableError(f"namespace authority error: {type(error).__name__}") from error
        match response.status_code:
            case httpx.codes.OK:
                return
            case httpx.codes.NOT_FOUND:
                raise UnauthorizedError("namespace not found")
            case httpx.codes.UNAUTHORIZED | httpx.codes.FORBIDDEN:
                raise UnauthorizedError("namespace not authorized")
            case status:
                reason = f"{status} {response.reason_phrase}".strip()
                raise NamespaceUnavailableError(f"namespace authority error: status {reason}")

    def _answered(self, request: httpx.Request) -> httpx.Response:
        deadline = Deadline(self.request_timeout_ms / 1000, self.monotonic)
        with waiting(), redirected(self.client, request, deadline) as response:
            size = 0
            for chunk in response.iter_raw():
                size += len(chunk)
                if deadline.left() < 0:
                    raise httpx.ReadTimeout("out of time", request=request)
                if size > _MAX_BODY_BYTES:
                    break
        return response


@attrs.frozen(kw_only=True)
class _UnusableToken:
    """An authority whose token cannot be put into a header: every namespace is invalid, as in the reference."""

    def ensure(self, tenant_id: int | None, namespace_id: int, correlation_id: str) -> None:
        del tenant_id, namespace_id, correlation_id
        raise NamespaceInvalidError("invalid auth token")


@contextmanager
def assetcore_authority(
    base_url: str, token: str | None, *, connect_timeout_ms: int, request_timeout_ms: int
) -> Iterator[AssetcoreAuthority | _UnusableToken]:
    """Open the authority; its connections are kept and closed with the context."""
    if token is not None and not (token.isascii() and token.isprintable()):
        yield _UnusableToken()
        return
    timeout = httpx.Timeout(request_timeout_ms / 1000, connect=connect_timeout_ms / 1000)
    with guarded_client(base_url, token=token, timeout=timeout) as client:
        yield AssetcoreAuthority(client=client, base_url=base_url, request_timeout_ms=request_timeout_ms)
