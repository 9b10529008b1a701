"""A small client of ``POST /rpc``: one connection that is kept, bytes or envelopes out, answers in."""

import contextlib
import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import attrs

from harness import documents

TIMEOUT_S = 60.0
IDLE_S = 2.0
"""How long a connection is kept without use; servers keep it for five seconds."""


@attrs.frozen(kw_only=True)
class Answer:
    """One HTTP answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - a wire value
        """The body as JSON; of an event stream, the data of its one event."""
        text = self.body.decode()
        return json.loads(text.removeprefix("data: "))

    @property
    def error(self) -> tuple[int, int, str, str]:
        """HTTP status, code, kind and message of an error. Raise ``KeyError`` when it is none."""
        error = self.json["error"]
        return self.status, error["code"], error["data"]["kind"], error["message"]


class RpcError(Exception):
    """A tool call was answered with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.error))
        self.answer = answer
        self.status, self.code, self.kind, self.message = answer.error


class Client:
    """One caller. Not for several threads at once: every racer has its own."""

    def __init__(
        self,
        port: int,
        *,
        token: str | None = None,
        timeout_s: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._connection = connection(port, timeout_s, tls)
        self._headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self._count = 0
        self._used_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, path: str) -> Answer:
        """Ask for a path."""
        return self._send("GET", path, None, {})

    def post(self, body: bytes, headers: Mapping[str, str] | None = None, path: str = "/rpc") -> Answer:
        """Post bytes, to ``/rpc`` unless told."""
        return self._send("POST", path, body, self._headers | dict(headers or {}))

    def request(self, method: str, params: Any = None, **headers: str) -> Answer:  # noqa: ANN401 - a wire value
        """Post one envelope."""
        self._count += 1
        return self.post(documents.envelope(method, params, id=self._count), headers)

    def send(self, tool: str, arguments: Any) -> Answer:  # noqa: ANN401 - a wire value
        """Call a tool and return the answer, whatever it is."""
        return self.request("tools/call", {"name": tool, "arguments": arguments})

    def call(self, tool: str, arguments: Any) -> Any:  # noqa: ANN401 - a wire value
        """Call a tool and return its result. Raise ``RpcError`` when it is refused."""
        answer = self.send(tool, arguments)
        document = answer.json
        if "error" in document:
            raise RpcError(answer)
        (content,) = document["result"]["content"]
        return content["json"]

    def _send(self, verb: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        if time.monotonic() - self._used_at > IDLE_S:
            self._connection.close()  # the server may be closing it right now, and would not read what is sent
        try:
            self._connection.request(verb, path, body=body, headers=dict(headers))
            response = self._connection.getresponse()
            return Answer(
                status=response.status,
                headers={name.lower(): value for name, value in response.getheaders()},
                body=response.read(),
            )
        except BaseException:
            self._connection.close()  # the next call begins anew
            raise
        finally:
            self._used_at = time.monotonic()


def connection(port: int, timeout_s: float, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    """Make a connection to a server of this machine, over TLS with *tls*; nothing is sent yet."""
    if tls is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout_s, context=tls)


def raw_exchange(port: int, request: bytes) -> bytes:
    """Send bytes as they are over a new connection and return what comes until the server closes it."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        parts = []
        with contextlib.suppress(ConnectionResetError):
            # A server may refuse before it has read everything; its answer is there all the same.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(request)
            while part := connection.recv(65536):
                parts.append(part)
    return b"".join(parts)


@contextlib.contextmanager
def clients(port: int, count: int) -> Iterator[list[Client]]:
    """Open as many clients of one server."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Client(port)) for _ in range(count)]
