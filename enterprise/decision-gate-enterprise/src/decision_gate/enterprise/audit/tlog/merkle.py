"""Hashes of RFC 6962 §2.1: leaves and inner nodes have domains of their own, so neither passes for the other."""

import hashlib
from collections.abc import Sequence
from typing import Final

HASH_BYTES: Final = 32
_PAIR: Final = 2 * HASH_BYTES
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of the leaf that holds *entry*."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two subtrees."""
    return _sha256(b"\x01" + left + right).digest()


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over nodes of one height, of which the last may stand for an incomplete subtree.

    Pairing from the left and carrying an odd last node up is the same tree as RFC 6962's split at the largest power
    of two, without its recursion.
    """
    if not hashes:
        return EMPTY_ROOT
    row = b"".join(hashes)
    while len(row) > HASH_BYTES:
        pairs = [_sha256(b"\x01" + row[at : at + _PAIR]).digest() for at in range(0, len(row) - HASH_BYTES, _PAIR)]
        if len(row) % _PAIR:
            pairs.append(row[-HASH_BYTES:])
        row = b"".join(pairs)
    return row
