"""One question to an external provider as JSON-RPC, and its answer (contract §7.7)."""

import itertools
from collections.abc import Callable
from typing import Final

from decision_gate.core.codec import DecodeError, decode, encode
from decision_gate.core.json import JsonParseError, JsonValue, parse, plain
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult
from decision_gate.core.ports.evidence import EvidenceProviderFailureError

MAX_RESPONSE_BYTES: Final = 1_048_576


def request_ids() -> Callable[[], int]:
    """Return the counter that names the questions without correlation id; it starts at 1."""
    return itertools.count(1).__next__


def question(query: EvidenceQuery, context: EvidenceContext, next_id: Callable[[], int]) -> bytes:
    """Return the request; its id is the correlation id of *context*, else the next number."""
    return plain(
        {
            "jsonrpc": "2.0",
            "id": context.correlation_id if context.correlation_id is not None else next_id(),
            "method": "tools/call",
            "params": {
                "name": "evidence_query",
                "arguments": {"query": encode(query), "context": encode(context)},
            },
        }
    )


def answer(body: bytes) -> EvidenceResult:
    """Return the result that the first item of a response holds; further items must be well formed and are not used.

    Raises:
        EvidenceProviderFailureError: The provider reports an error, in its own words, or the response is none.
    """
    try:
        response = parse(body)
    except JsonParseError as error:
        raise EvidenceProviderFailureError("invalid json-rpc response") from error
    if not isinstance(response, dict):
        raise EvidenceProviderFailureError("invalid json-rpc response")
    error_member = response.get("error")
    if error_member is not None:
        raise EvidenceProviderFailureError(_message(error_member))
    result = response.get("result")
    if result is None:
        raise EvidenceProviderFailureError("missing tool result")
    content = result.get("content") if isinstance(result, dict) else None
    if not isinstance(content, list):
        raise EvidenceProviderFailureError("invalid tool result")
    items = [_item(item) for item in content]
    if not items:
        raise EvidenceProviderFailureError("empty tool result")
    first = items[0]
    if isinstance(first, str):
        raise EvidenceProviderFailureError(f"unexpected text response: {first}")
    return first


def _message(error: JsonValue) -> str:
    text = error.get("message") if isinstance(error, dict) else None
    if not isinstance(text, str):
        raise EvidenceProviderFailureError("invalid json-rpc response")
    return text


def _item(item: JsonValue) -> EvidenceResult | str:
    match item:
        case {"type": "json", "json": value}:
            try:
                return decode(EvidenceResult, value)
            except DecodeError as error:
                raise EvidenceProviderFailureError("invalid tool result") from error
        case {"type": "text", "text": str() as text}:
            return text
        case _:
            raise EvidenceProviderFailureError("invalid tool result")
