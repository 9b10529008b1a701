"""Identifiers as stored: bytes, so that SQLite neither converts, nor rounds, nor collates them.

A u64 does not fit SQLite's signed integers and is eight bytes, big-endian, which sort as the numbers do.
"""

from typing import Final

U64_BYTES: Final = 8
"""Bytes of a stored tenant or namespace id."""


def u64_bytes(value: int) -> bytes:
    """Return the stored form of a tenant or namespace id."""
    return value.to_bytes(U64_BYTES, "big")


def owner_bytes(owner: int | None) -> bytes:
    """Return the stored form of a scenario's owner; nobody is the empty text, which no id is."""
    return b"" if owner is None else u64_bytes(owner)
