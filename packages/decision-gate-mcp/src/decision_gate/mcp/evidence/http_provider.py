"""The ``http`` provider: the status of a URL, or the hash of its body (contract §1.6, deviation X8)."""

import hashlib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from typing import Final

import attrs
import httpcore
import httpx

from decision_gate.core.json import JsonValue
from decision_gate.core.model import (
    EvidenceAnchor,
    EvidenceContext,
    EvidenceQuery,
    EvidenceRef,
    EvidenceResult,
    JsonEvidence,
)
from decision_gate.core.ports.evidence import EvidenceProvider, EvidenceProviderFailureError
from decision_gate.mcp.config.kinds import Array, Boolean, Choice, Integer, Text
from decision_gate.mcp.config.table import key
from decision_gate.mcp.net.errors import AddressForbiddenError, HostUnresolvedError, UrlError
from decision_gate.mcp.net.guard import AddressGuard, normal_host
from decision_gate.mcp.net.pinned import Deadline, GuardedBackend
from decision_gate.mcp.net.web_url import WebUrl, parse_url

_CONTENT_LENGTH = b"content-length"


class BodyHashAlgorithm(StrEnum):
    """Algorithms of ``body_hash``."""

    SHA256 = "sha256"


@attrs.frozen(kw_only=True)
class HttpSettings:
    """``config`` of the ``http`` provider."""

    allow_http: bool = key(Boolean(), "Permit URLs without TLS.", default=False)
    timeout_ms: int = key(Integer(), "Time for the whole request.", default=5000)
    max_response_bytes: int = key(Integer(), "Longest body.", default=1_048_576)
    allowed_hosts: tuple[str, ...] | None = key(
        Array(Text()), "Hosts that may be asked, also private ones; all public ones when absent.", default=None
    )
    user_agent: str = key(Text(), "User-Agent of the requests.", default="decision-gate/0.1")
    hash_algorithm: BodyHashAlgorithm = key(
        Choice(BodyHashAlgorithm), "Algorithm of body_hash.", default=BodyHashAlgorithm.SHA256
    )


def open_http_provider(settings: HttpSettings) -> AbstractContextManager[EvidenceProvider]:
    """Offer the provider to a server; it keeps no connection."""
    return nullcontext(HttpProvider(settings))


class HttpProvider:
    """Answers ``http.status`` and ``http.body_hash``.

    Every request has a connection of its own: ``status`` leaves bodies unread, and a connection that is kept would be
    judged only once. Proxies of the environment are not used: a proxy resolves names by itself.

    Args:
        settings: what may be asked.
        guard: where connections may go; by default any public address, and any address of an allowed host.
        tls: the roots to trust; by default those of the web.
    """

    provider_id: Final = "http"

    def __init__(
        self, settings: HttpSettings, *, guard: AddressGuard | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        hosts = settings.allowed_hosts
        self._settings = settings
        self._allowed = None if hosts is None else frozenset(normal_host(host) for host in hosts)
        self._guard = guard or AddressGuard(permitted_hosts=self._allowed or frozenset())
        self._tls = tls or httpx.create_ssl_context(trust_env=False)

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Answer with the status, or the hash of the body, of a GET of ``params.url``; redirects are not followed.

        Raises:
            EvidenceProviderFailureError: unusable parameters, a URL that may not be asked, another check, or a request
                that failed.
        """
        del context
        url = self._url(query.params)
        value: JsonValue
        match query.check_id:
            case "status":
                with self._response(url) as response:
                    value = response.status
            case "body_hash":
                with self._response(url) as response:
                    value = {"algorithm": self._settings.hash_algorithm.value, "value": self._hash(response)}
            case _:
                raise EvidenceProviderFailureError("unsupported http check")
        return EvidenceResult(
            value=JsonEvidence(value=value),
            evidence_ref=EvidenceRef(uri=str(url)),
            evidence_anchor=EvidenceAnchor(anchor_type="url", anchor_value=str(url)),
            content_type="application/json",
        )

    def _url(self, params: JsonValue) -> WebUrl:
        try:
            url = parse_url(_url_text(params))
        except UrlError as error:
            raise EvidenceProviderFailureError(str(error)) from error
        if url.scheme == "http" and not self._settings.allow_http:
            raise EvidenceProviderFailureError("unsupported url scheme")
        if self._allowed is not None and normal_host(url.host) not in self._allowed:
            raise EvidenceProviderFailureError("url host not allowed")
        return url

    @contextmanager
    def _response(self, url: WebUrl) -> Iterator[httpcore.Response]:
        if url.port == 0:  # nobody can listen there, and httpcore takes it for the default port
            raise EvidenceProviderFailureError("http request failed")
        backend = GuardedBackend(self._guard, Deadline(self._settings.timeout_ms / 1000))
        host = url.host.removeprefix("[").removesuffix("]")
        origin = httpcore.Origin(url.scheme.encode(), host.encode(), url.port)
        headers = [
            (b"Host", url.authority.encode()),
            (b"User-Agent", self._settings.user_agent.encode()),
            (b"Accept", b"*/*"),
        ]
        target = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=url.target.encode())
        with httpcore.HTTPConnection(origin, self._tls, network_backend=backend) as connection:
            try:
                response = connection.handle_request(httpcore.Request("GET", target, headers=headers))
            except AddressForbiddenError as error:
                raise EvidenceProviderFailureError(str(error)) from error
            except (HostUnresolvedError, *_FAILURES) as error:
                raise EvidenceProviderFailureError("http request failed") from error
            try:
                yield response
            finally:
                response.close()

    def _hash(self, response: httpcore.Response) -> str:
        limit = self._settings.max_response_bytes
        declared = _declared_length(response)
        if declared is not None and declared > limit:
            raise EvidenceProviderFailureError("http response exceeds size limit")
        digest, size = hashlib.new(self._settings.hash_algorithm.value), 0
        try:
            for chunk in response.iter_stream():
                size += len(chunk)
                if size > limit:
                    raise EvidenceProviderFailureError("http response exceeds size limit")
                digest.update(chunk)
        except httpcore.RemoteProtocolError as error:
            is_short = declared is not None and size < declared
            message = "http response truncated" if is_short else "failed to read response"
            raise EvidenceProviderFailureError(message) from error
        except _FAILURES as error:
            raise EvidenceProviderFailureError("failed to read response") from error
        return digest.hexdigest()


# What httpcore raises for peers and networks, and what ssl raises through it.
_FAILURES = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    OSError,
)


def _declared_length(response: httpcore.Response) -> int | None:
    """Return the length that the response declares; httpcore has refused one that is no number."""
    for name, value in response.headers:
        if name.lower() == _CONTENT_LENGTH:
            return int(value)
    return None


def _url_text(params: JsonValue) -> str:
    if params is None:
        raise EvidenceProviderFailureError("http check requires params")
    if not isinstance(params, dict):
        raise EvidenceProviderFailureError("http params must be an object")
    if "url" not in params:
        raise EvidenceProviderFailureError("missing url param")
    url = params["url"]
    if not isinstance(url, str):
        raise EvidenceProviderFailureError("url param must be a string")
    return url
