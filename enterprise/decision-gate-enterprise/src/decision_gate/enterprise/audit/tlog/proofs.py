"""Check proofs as RFC 9162 §2.1.3.2 and §2.1.4.2 say, on hashes.

INVARIANT: only ``proof_file`` and ``tree`` call these for others. Who takes a leaf *hash* and an unsigned size from a
stranger accepts an inner node as a leaf; the public way in takes the entry's bytes and a signed checkpoint.
"""

from collections.abc import Sequence

from decision_gate.enterprise.audit.tlog.errors import ProofError
from decision_gate.enterprise.audit.tlog.merkle import HASH_BYTES, node_hash


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash *leaf* is number *index* of the tree of *size* leaves under *root*.

    Raises:
        ProofError: It is not shown.
    """
    if not 0 <= index < size:
        raise ProofError(f"a log of {size} entries has no entry {index}")
    _demand_hashes(leaf, root, *path)
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if place & 1 or place == last:
            found = node_hash(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError("the inclusion proof is too short")
    if found != root:
        raise ProofError(f"entry {index} is not the one in the log")


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Check that the tree under *new_root* begins with the one under *old_root*.

    A log without entries is consistent with everything and proves nothing: the caller decides what it means.

    Raises:
        ProofError: It is not shown.
    """
    if not 0 < old_size <= new_size:
        raise ProofError(f"a log of {new_size} entries does not continue one of {old_size}")
    _demand_hashes(old_root, new_root, *path)
    if old_size == new_size:
        if path:
            raise ProofError("logs of one size need no consistency proof")
        if old_root != new_root:
            raise ProofError(f"two logs of {old_size} entries differ")
        return
    if not path:
        raise ProofError("the consistency proof is empty")
    # A complete old tree is a node of the new one, and its root is left out of the proof.
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError("the consistency proof is too short")
    if old != old_root or new != new_root:
        raise ProofError(f"the log of {new_size} entries does not begin with that of {old_size}")


def _demand_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofError(f"a hash does not have {HASH_BYTES} bytes")
