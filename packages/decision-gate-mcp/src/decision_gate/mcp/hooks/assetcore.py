"""The namespace authority ``assetcore_http``: another system confirms namespaces over HTTP (contract §4.7)."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import httpx

from decision_gate.mcp.correlation import client_correlation_id
from decision_gate.mcp.errors import InvalidCorrelationIdError
from decision_gate.mcp.hooks.errors import NamespaceInvalidError, NamespaceUnavailableError, UnauthorizedError

MAX_REDIRECTS = 10


@attrs.frozen(kw_only=True)
class AssetcoreAuthority:
    """Asks ``GET {base_url}/v1/write/namespaces/{namespace_id}`` on every call: no cache, no second try.

    The host is named in the configuration, so it may be a private address (deviation X8); its token is not sent on to
    another host by a redirect.
    """

    client: httpx.Client
    base_url: str

    def ensure(self, tenant_id: int | None, namespace_id: int, correlation_id: str) -> None:
        """Confirm a namespace; the tenant is not transmitted. See ``NamespaceAuthority``."""
        del tenant_id
        try:
            checked = client_correlation_id(correlation_id)
        except InvalidCorrelationIdError:
            raise NamespaceInvalidError("invalid request id") from None
        url = f"{self.base_url.rstrip('/')}/v1/write/namespaces/{namespace_id}"
        try:
            response = self.client.get(url, headers={"x-correlation-id": checked})
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
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    timeout = httpx.Timeout(request_timeout_ms / 1000, connect=connect_timeout_ms / 1000)
    with httpx.Client(
        headers=headers, timeout=timeout, follow_redirects=True, max_redirects=MAX_REDIRECTS, trust_env=False
    ) as client:
        yield AssetcoreAuthority(client=client, base_url=base_url)
