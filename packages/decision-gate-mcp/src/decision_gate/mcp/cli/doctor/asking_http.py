"""Ask a server over HTTP as a stranger would: by hand, so that no library mends what is wrong."""

import contextlib
import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any, Final

import attrs

from decision_gate.mcp.config.server import ServerTable
from decision_gate.mcp.transport.edge import LOOPBACK

TIMEOUT_S: Final = 10.0


@attrs.frozen(kw_only=True)
class Answer:
    """One answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> Any:  # noqa: ANN401 - a wire value
        """Return the JSON-RPC message in the body, also of an event stream; none when there is none."""
        for line in self.body.decode("utf-8", "replace").splitlines():
            with contextlib.suppress(ValueError):
                return json.loads(line.removeprefix("data:"))
        return None


@attrs.frozen(kw_only=True)
class Line:
    """A way to one server: every question takes a new connection."""

    host: str
    port: int
    host_header: str
    tls: ssl.SSLContext | None = None

    @classmethod
    def to(cls, server: ServerTable) -> "Line":
        """Return the way to the server of a configuration on this machine.

        Raises:
            InvalidConfigError: It has no address.
            OSError: Its certificate cannot be read.
        """
        address = server.address()
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104 - not bound
        name = f"[{host}]" if ":" in host else host
        named = [known for known in server.allowed_hosts or () if known != LOOPBACK]
        tls = None
        if server.tls is not None:
            tls = ssl.create_default_context(cafile=server.tls.cert_path)
            # It is asked by its address, for which few certificates are made; its own certificate is pinned.
            tls.check_hostname = False
        return cls(host=host, port=address.port, host_header=named[0] if named else f"{name}:{address.port}", tls=tls)

    def ask(
        self,
        verb: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        length: int | None = None,
    ) -> Answer:
        """Ask once; ``length`` is announced instead of that of the body.

        Raises:
            OSError: There is nobody, or not in time.
            HTTPException: What answers does not speak HTTP.
        """
        sent = {"Host": self.host_header, **(headers or {})}
        if verb == "POST":
            sent["Content-Length"] = str(len(body) if length is None else length)
        with contextlib.closing(self._connection()) as connection:
            connection.putrequest(verb, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Answer(status=response.status, headers=received, body=response.read())

    def _connection(self) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        return http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT_S, context=self.tls)
