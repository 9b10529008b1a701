"""An external provider that is asked over HTTP (contract §7.7, deviation X8)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
import httpx

from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult
from decision_gate.core.ports.evidence import EvidenceProviderFailureError
from decision_gate.mcp.config.errors import InvalidConfigError
from decision_gate.mcp.evidence.external.exchange import MAX_RESPONSE_BYTES, answer, question, request_ids
from decision_gate.mcp.net.client import DEADLINE, guarded_client
from decision_gate.mcp.net.pinned import Deadline


@attrs.frozen(kw_only=True)
class HttpService:
    """Posts each question to one address. Redirects are not followed: the token and the question go to nobody else.

    Attributes:
        client: made by ``guarded_client``, so that connections go to addresses that were judged.
    """

    client: httpx.Client
    url: str
    request_timeout_ms: int
    next_id: Callable[[], int] = attrs.field(factory=request_ids)

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Ask. Raise ``EvidenceProviderFailureError`` for anything but a result."""
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if context.correlation_id is not None:
            headers["x-correlation-id"] = context.correlation_id
        body = question(query, context, self.next_id)
        extensions = {DEADLINE: Deadline(self.request_timeout_ms / 1000)}
        try:
            with self.client.stream("POST", self.url, content=body, headers=headers, extensions=extensions) as response:
                if not response.is_success:
                    status = f"{response.status_code} {response.reason_phrase}".strip()
                    raise EvidenceProviderFailureError(f"http request failed with status {status}")
                received = _body(response)
        except httpx.TimeoutException as error:
            raise EvidenceProviderFailureError("http request timed out") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EvidenceProviderFailureError("http request failed") from error
        return answer(received)


@contextmanager
def open_http_service(
    url: str, token: str | None, *, connect_timeout_ms: int, request_timeout_ms: int
) -> Iterator[HttpService]:
    """Open the provider; its connections are kept and closed with the context.

    Raises:
        InvalidConfigError: The token cannot be put into a header.
    """
    if token is not None and not (token.isascii() and token.isprintable()):
        raise InvalidConfigError("http client build failed")
    timeout = httpx.Timeout(request_timeout_ms / 1000, connect=connect_timeout_ms / 1000)
    with guarded_client(url, token=token, timeout=timeout) as client:
        yield HttpService(client=client, url=url, request_timeout_ms=request_timeout_ms)


def _body(response: httpx.Response) -> bytes:
    """Read a body as it comes: a compressed one was not asked for, and could grow without limit."""
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_RESPONSE_BYTES:
        raise EvidenceProviderFailureError("http response too large")
    received = bytearray()
    try:
        for chunk in response.iter_raw():
            received += chunk
            if len(received) > MAX_RESPONSE_BYTES:
                raise EvidenceProviderFailureError("http response too large")
    except httpx.TimeoutException as error:
        raise EvidenceProviderFailureError("http response timed out") from error
    except httpx.HTTPError as error:
        raise EvidenceProviderFailureError("http response read failed") from error
    return bytes(received)
