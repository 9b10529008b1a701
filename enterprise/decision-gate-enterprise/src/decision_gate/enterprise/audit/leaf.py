"""One leaf of a tenant's audit chain, how it is bound to the one before, and how a chain is verified.

``hash = sha256(previous ‖ tenant ‖ seq ‖ sha256(body))`` with 32, 8, 8 and 32 bytes, numbers big-endian, ``previous``
zero for the first leaf; the body is the canonical event with its time inside. All fields have a fixed width, so no two
leaves share an input; the chain binds body *hashes*, so that a body may be erased under retention without breaking it.
"""

import hashlib
from collections.abc import Iterable

import attrs

from decision_gate.core.ports import Integrity, Rider

AUDIT = "audit"
"""Kind of the riders of this sink."""

DEPLOYMENT = 0
"""Chain of the events that belong to no tenant; tenant numbers start at 1."""

FIRST = bytes(32)
"""What the first leaf of a chain is bound to."""


@attrs.frozen(kw_only=True)
class Leaf:
    """One stored event. ``seq`` counts from 1 within the tenant; a none ``body`` was erased."""

    seq: int
    body: bytes | None
    body_sha256: bytes
    hash: bytes


@attrs.frozen(kw_only=True)
class ChainState:
    """Where a tenant's chain ends; 0 and ``FIRST`` before the first leaf."""

    seq: int
    hash: bytes


def leaf_hash(previous: bytes, tenant_id: int, seq: int, body_sha256: bytes) -> bytes:
    """Return the hash that binds a leaf to the chain before it."""
    numbers = tenant_id.to_bytes(8, "big") + seq.to_bytes(8, "big")
    return hashlib.sha256(previous + numbers + body_sha256).digest()


def leaf_rider(tenant_id: int, body: bytes) -> Rider:
    """Return the rider that appends *body* to a chain; the same event is appended once."""
    return Rider(kind=AUDIT, key=hashlib.sha256(body).hexdigest(), body=tenant_id.to_bytes(8, "big") + body)


def verify_leaves(tenant_id: int, leaves: Iterable[Leaf], end: ChainState) -> Integrity:
    """Recompute a chain from its first leaf; ``Integrity.commits`` counts the leaves that hold.

    *end* comes from where the chain's owner cannot rewrite it, or the cut of a tail stays unnoticed.
    """
    previous, seq = FIRST, 0
    for leaf in leaves:
        place = f"leaf {seq + 1}"
        if leaf.seq != seq + 1:
            return Integrity(commits=seq, problem=f"{place} is missing")
        if leaf.body is not None and hashlib.sha256(leaf.body).digest() != leaf.body_sha256:
            return Integrity(commits=seq, problem=f"{place} does not match its hash")
        if leaf_hash(previous, tenant_id, leaf.seq, leaf.body_sha256) != leaf.hash:
            return Integrity(commits=seq, problem=f"{place} does not follow from the leaf before")
        previous, seq = leaf.hash, leaf.seq
        if seq == end.seq and previous != end.hash:
            return Integrity(commits=seq - 1, problem=f"{place} is not the one that was seen before")
    if seq < end.seq:
        return Integrity(commits=seq, problem=f"leaf {seq + 1} is missing")
    return Integrity(commits=seq)
