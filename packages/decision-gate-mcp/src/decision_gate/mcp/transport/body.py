"""Read the body of an HTTP request, never more of it than is allowed."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from decision_gate.mcp.errors import RequestTooLargeError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Disconnected(Exception):  # noqa: N818 - no error: the client hung up before it had said everything
    """Internal: there is nobody left to answer."""


async def read_body(headers: dict[bytes, bytes], receive: Receive, max_body_bytes: int) -> bytes:
    """Read a whole body.

    Raises:
        RequestTooLargeError: By its declared length, else as soon as it is known.
        Disconnected: The client hung up.
    """
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > max_body_bytes:
        raise RequestTooLargeError
    parts: list[bytes] = []
    size, is_more = 0, True
    while is_more:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > max_body_bytes:
            raise RequestTooLargeError
        is_more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)
