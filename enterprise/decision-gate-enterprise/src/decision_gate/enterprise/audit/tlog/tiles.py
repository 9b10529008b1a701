"""Tiles (c2sp.org/tlog-tiles): the tree in rows of 256 hashes, and the entries in bundles of 256."""

import struct
from collections.abc import Iterable
from typing import Final

import attrs

from decision_gate.enterprise.audit.tlog.errors import EntrySizeError

TILE_BITS: Final = 8
TILE_WIDTH: Final = 1 << TILE_BITS
"""Most hashes of a tile; a hash of level L + 1 is the root over a full tile of level L."""

MAX_ENTRY_BYTES: Final = 65_535
"""Longest entry: its length stands before it in 16 bits."""


@attrs.frozen(kw_only=True)
class Tile:
    """Hashes ``number * 256`` and following of a level, one behind the other; the last tile of a level still grows."""

    level: int
    number: int
    hashes: bytes


def demand_entry_size(entry: bytes) -> None:
    """Refuse an entry that no bundle can hold. Raise ``EntrySizeError``."""
    if len(entry) > MAX_ENTRY_BYTES:
        raise EntrySizeError(len(entry), MAX_ENTRY_BYTES)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Return the bundle of *entries*. Raise ``EntrySizeError`` for one that is too long."""
    bundle = bytearray()
    for entry in entries:
        demand_entry_size(entry)
        bundle += struct.pack(">H", len(entry)) + entry
    return bytes(bundle)


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Return where a tile lies below the folder of its log; *width* tells how many hashes a growing one holds."""
    return _path(str(level), number, width)


def bundle_path(number: int, width: int = TILE_WIDTH) -> str:
    """Return where the bundle of the entries ``number * 256`` and following lies."""
    return _path("entries", number, width)


def _path(row: str, number: int, width: int) -> str:
    groups = f"{number % 1000:03d}"
    while number := number // 1000:
        groups = f"x{number % 1000:03d}/{groups}"
    return f"tile/{row}/{groups}" + ("" if width == TILE_WIDTH else f".p/{width}")
