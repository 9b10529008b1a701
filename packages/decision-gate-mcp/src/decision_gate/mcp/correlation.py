"""Correlation ids: the server's own, and which of the client's are accepted (contract §1.6)."""

import itertools
import re
import secrets
from collections.abc import Iterator

from decision_gate.mcp.errors import InvalidCorrelationIdError

MAX_BYTES = 128
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+", re.ASCII)
_ASCII_SPACE = frozenset(" \t\n\r\x0c")
_MAX_ASCII = 0x7F


def server_correlation_ids(boot: bytes | None = None) -> Iterator[str]:
    """Yield ``dg-<boot>-<counter>`` without end; drawing one is atomic, so threads may share the iterator.

    ``boot`` is 8 bytes, drawn at random when absent.
    """
    start = boot if boot is not None else secrets.token_bytes(8)
    return map(f"dg-{start.hex()}-{{:016x}}".format, itertools.count(1))


def client_correlation_id(text: str) -> str:
    """Return a client's id without surrounding white space.

    Raises:
        InvalidCorrelationIdError: It is empty, over 128 bytes, or not an RFC 7230 token; the label names the
            first offence in the order of contract §1.6.
    """
    trimmed = text.strip()
    if not trimmed:
        raise InvalidCorrelationIdError("empty_after_trim")
    if len(trimmed.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidCorrelationIdError("too_long")
    if _TOKEN.fullmatch(trimmed) is None:
        raise InvalidCorrelationIdError(_first_offence(trimmed))
    return trimmed


def _first_offence(text: str) -> str:
    offender = next(character for character in text if _TOKEN.fullmatch(character) is None)
    if ord(offender) > _MAX_ASCII:
        return "non_ascii"
    if offender in _ASCII_SPACE:
        return "contains_whitespace"
    if ord(offender) < ord(" ") or ord(offender) == _MAX_ASCII:
        return "contains_control_char"
    return "contains_disallowed_char"
