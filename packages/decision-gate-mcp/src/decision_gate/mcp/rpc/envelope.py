"""Read one JSON-RPC request (contract §1.9).

Stricter than the reference in one point: any duplicate key is refused, not only a known one (deviation X13).
Batches, and the reference's accidental positional form, are refused like every other array.
"""

import attrs

from decision_gate.core.json import JsonParseError, JsonValue, parse, plain_finite
from decision_gate.mcp.errors import InvalidRequestError


@attrs.frozen(kw_only=True)
class Envelope:
    """One request.

    Attributes:
        version: Text of ``jsonrpc``; judged after parsing, so that the refusal can echo the id.
        id_text: JSON text of the id, as the reply echoes it: any JSON value.
        method: Name of the method.
        params: Any JSON value; null when absent.
    """

    version: str
    id_text: bytes
    method: str
    params: JsonValue


def parse_envelope(raw: bytes) -> Envelope:
    """Parse a request body.

    Raises:
        InvalidRequestError: It is not one strict JSON object, ``jsonrpc`` or ``method`` is not a string, or
            ``id`` is absent: there are no notifications.
    """
    try:
        request = parse(raw)
    except JsonParseError:
        raise InvalidRequestError from None
    if not isinstance(request, dict) or "id" not in request:
        raise InvalidRequestError
    version = request.get("jsonrpc")
    method = request.get("method")
    if not isinstance(version, str) or not isinstance(method, str):
        raise InvalidRequestError
    return Envelope(version=version, id_text=plain_finite(request["id"]), method=method, params=request.get("params"))
