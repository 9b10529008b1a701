"""Tokens of listings: a position as text, so that every store makes and refuses them alike."""

import base64
import binascii

from decision_gate.core.ports.run_errors import CursorError

_LENGTH_BYTES = 2


def encode_cursor(*parts: bytes) -> str:
    """Return the token of the position that *parts* name; a part has at most 65,535 bytes."""
    framed = b"".join(len(part).to_bytes(_LENGTH_BYTES, "big") + part for part in parts)
    return base64.urlsafe_b64encode(framed).decode("ascii").rstrip("=")


def decode_cursor(cursor: str, count: int) -> tuple[bytes, ...]:
    """Return the *count* parts of a token that ``encode_cursor`` made.

    A token is a position, not a permission: it never widens what its query may see.

    Raises:
        CursorError: ``encode_cursor`` does not make this text of *count* parts.
    """
    try:
        framed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CursorError from error
    parts: list[bytes] = []
    at = 0
    while at < len(framed):
        end = at + _LENGTH_BYTES + int.from_bytes(framed[at : at + _LENGTH_BYTES], "big")
        parts.append(framed[at + _LENGTH_BYTES : end])
        at = end
    # One text for one position: what does not come back the same was not made here.
    if len(parts) != count or encode_cursor(*parts) != cursor:
        raise CursorError
    return tuple(parts)
