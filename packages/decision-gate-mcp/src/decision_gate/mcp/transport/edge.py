"""What the edge finds out about an HTTP request before its body counts (contract §1.3, §1.6, deviations X1, X3)."""

import ipaddress
import re
from collections.abc import Iterable, Iterator

import attrs

from decision_gate.mcp.config.bind import is_loopback_ip
from decision_gate.mcp.correlation import client_correlation_id
from decision_gate.mcp.errors import ForbiddenOriginError, InvalidCorrelationIdError
from decision_gate.mcp.hooks.request import RequestContext, Sender

SUBJECT_HEADER = b"x-decision-gate-client-subject"
CORRELATION_HEADER = b"x-correlation-id"
SERVER_CORRELATION_HEADER = b"x-server-correlation-id"
IDEMPOTENCY_HEADER = b"idempotency-key"
MAX_IDEMPOTENCY_KEY_BYTES = 255

_READ = frozenset(
    {
        b"host",
        b"origin",
        b"authorization",
        b"content-length",
        SUBJECT_HEADER,
        CORRELATION_HEADER,
        IDEMPOTENCY_HEADER,
    }
)

Headers = Iterable[tuple[bytes, bytes]]


def read_headers(headers: Headers) -> dict[bytes, bytes]:
    """Return the headers that the server reads; of a repeated one only the first counts."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _READ:
            found.setdefault(name, value)
    return found


@attrs.frozen(kw_only=True)
class HostRule:
    """Which host names and which pages a request may come through (deviation X3).

    A page on another site can make a browser send requests to this server, and a rebound host name can make
    them look local; both are refused before anything is read.

    Attributes:
        hosts: Allowed host names, with or without port; none means any; ``LOOPBACK`` means every loopback
            name.
        origins: Allowed origins, compared as they are sent; a request without origin is no page.
    """

    hosts: frozenset[str] | None
    origins: frozenset[str]

    def judge(self, headers: dict[bytes, bytes]) -> None:
        """Return when both are allowed. Raise ``ForbiddenOriginError``."""
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1") not in self.origins:
            raise ForbiddenOriginError("origin is not in server.allowed_origins")
        if self.hosts is None:
            return
        host = headers.get(b"host", b"").decode("latin-1").lower()
        names = self.hosts - {LOOPBACK}
        name = _without_port(host)
        if host in names or name in names or (LOOPBACK in self.hosts and _is_loopback_name(name)):
            return
        raise ForbiddenOriginError("host is not in server.allowed_hosts")


LOOPBACK = "<loopback>"
"""Stands for every loopback name among allowed hosts; a request that is sent to this very text is not let in by it."""


@attrs.frozen(kw_only=True)
class Edge:
    """Makes request contexts.

    Attributes:
        transport: ``http`` or ``sse``.
        hosts: Which hosts and origins are allowed.
        trusted_proxies: Networks whose hosts may name the client subject in a header (deviation X1).
        correlation_ids: The server's own ids.
    """

    transport: str
    hosts: HostRule
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    correlation_ids: Iterator[str]

    def context(
        self,
        headers: dict[bytes, bytes],
        peer_ip: str | None,
        certificate_subject: str | None,
        sender: Sender | None = None,
    ) -> RequestContext:
        """Describe a request, its client's correlation id still unknown.

        ``certificate_subject`` is that of the verified client certificate; the header counts only from a
        proxy. The guards tell ``sender`` whom the request turned out to come from.
        """
        subject = certificate_subject
        if subject is None and SUBJECT_HEADER in headers and self._is_proxy(peer_ip):
            subject = visible_ascii(headers[SUBJECT_HEADER])
        authorization = headers.get(b"authorization")
        return RequestContext(
            transport=self.transport,
            peer_ip=peer_ip,
            auth_header=None if authorization is None else visible_ascii(authorization),
            client_subject=subject,
            server_correlation_id=next(self.correlation_ids),
            idempotency_key=_idempotency_key(headers.get(IDEMPOTENCY_HEADER)),
            sender=sender,
        )

    def admit(self, headers: dict[bytes, bytes], context: RequestContext) -> RequestContext:
        """Judge host, origin and correlation id, and return the context with the latter.

        Raises:
            ForbiddenOriginError: The request came through a page or host name that is not allowed.
            InvalidCorrelationIdError: The client's correlation id is refused.
        """
        self.hosts.judge(headers)
        sent = headers.get(CORRELATION_HEADER)
        if sent is None:
            return context
        text = visible_ascii(sent)
        if text is None:
            raise InvalidCorrelationIdError("non_ascii")
        return attrs.evolve(context, client_correlation_id=client_correlation_id(text))

    def _is_proxy(self, peer_ip: str | None) -> bool:
        if not self.trusted_proxies or peer_ip is None:
            return False
        address = ipaddress.ip_address(peer_ip)
        return any(address in network for network in self.trusted_proxies)


def _idempotency_key(sent: bytes | None) -> str | None:
    """Return a usable key; any other is as if it were not there, and the call is billed by itself."""
    if sent is None or len(sent) > MAX_IDEMPOTENCY_KEY_BYTES:
        return None
    text = visible_ascii(sent)
    return text.strip() or None if text is not None else None


def visible_ascii(value: bytes) -> str | None:
    """Return a header value as text, none unless every byte is visible ASCII, space or tab."""
    return value.decode("ascii") if _VISIBLE.fullmatch(value) else None


_VISIBLE = re.compile(rb"[\t\x20-\x7e]*")


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _is_loopback_name(name: str) -> bool:
    return name == "localhost" or is_loopback_ip(name.strip("[]"))
