"""Drive an ASGI application without a socket: every message of a request is the test's."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import attrs

Application = Callable[..., Awaitable[None]]
Header = tuple[bytes, bytes]


@attrs.frozen(kw_only=True)
class HttpRequest:
    """A request: its body in chunks; without ``ends`` the client hangs up after them."""

    method: str = "POST"
    path: str = "/rpc"
    headers: tuple[Header, ...] = ((b"host", b"127.0.0.1:4000"),)
    body: Sequence[bytes] = (b"",)
    peer: str | None = "127.0.0.1"
    ends: bool = True
    state: dict[str, object] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class HttpAnswer:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes


async def exchange(app: Application, request: HttpRequest) -> HttpAnswer | None:
    """Send one request; none when the application answers nothing."""
    last = len(request.body) - 1
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": index < last or not request.ends}
        for index, chunk in enumerate(request.body)
    ]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": request.method,
        "path": request.path,
        "raw_path": request.path.encode(),
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "headers": list(request.headers),
        "client": None if request.peer is None else (request.peer, 1234),
        "server": ("127.0.0.1", 4000),
        "state": request.state,
    }
    await app(scope, receive, send)
    if not sent:
        return None
    return HttpAnswer(
        status=sent[0]["status"],
        headers={name.decode(): value.decode() for name, value in sent[0]["headers"]},
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )


def ask_app(app: Application, request: HttpRequest) -> HttpAnswer:
    """Send one request and return its answer."""
    answer = asyncio.run(exchange(app, request))
    assert answer is not None
    return answer
