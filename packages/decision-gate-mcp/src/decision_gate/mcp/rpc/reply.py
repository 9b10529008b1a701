"""Make JSON-RPC replies (contract §1.11, §1.12): bytes around bytes, so that a result is encoded once."""

import attrs

from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.error_map import WireError


@attrs.frozen(kw_only=True)
class Reply:
    """An answer: the HTTP status, which stdio drops, and the JSON-RPC object."""

    status: int
    body: bytes
    error: WireError | None = None


def tool_reply(id_text: bytes, result: bytes) -> Reply:
    """Wrap the JSON text of a tool's result in its one content item."""
    return Reply(
        status=200,
        body=b'{"jsonrpc":"2.0","id":%b,"result":{"content":[{"type":"json","json":%b}]}}' % (id_text, result),
    )


def value_reply(id_text: bytes, result: bytes) -> Reply:
    """Wrap the JSON text of a method's result."""
    return Reply(status=200, body=b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (id_text, result))


def error_reply(id_text: bytes, error: WireError, request_id: str | None) -> Reply:
    """Make an error reply; ``request_id`` is the text of the id, none for refusals before parsing."""
    data: dict[str, JsonValue] = {
        "kind": error.kind,
        "retryable": error.retryable,
        "request_id": request_id,
    }
    if error.retry_after_ms is not None:
        data["retry_after_ms"] = error.retry_after_ms
    body = plain({"code": error.code, "message": error.message, "data": data})
    return Reply(
        status=error.http_status,
        body=b'{"jsonrpc":"2.0","id":%b,"error":%b}' % (id_text, body),
        error=error,
    )
