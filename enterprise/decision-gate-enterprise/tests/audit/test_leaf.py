"""A verifier sees every edit of a chain."""

import hashlib

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.ports import Integrity
from decision_gate.enterprise.audit import FIRST, ChainState, Leaf, leaf_hash, verify_leaves

TENANT = 7


def chain(bodies, tenant_id=TENANT):
    leaves, previous = [], FIRST
    for seq, body in enumerate(bodies, 1):
        body_sha256 = hashlib.sha256(body).digest()
        previous = leaf_hash(previous, tenant_id, seq, body_sha256)
        leaves.append(Leaf(seq=seq, body=body, body_sha256=body_sha256, hash=previous))
    return leaves


def end_of(leaves):
    return ChainState(seq=leaves[-1].seq, hash=leaves[-1].hash)


LEAVES = chain([b"one", b"two", b"three", b"four"])


def test_hash_is_the_one_that_the_format_names():
    digest = hashlib.sha256(b"one").digest()

    assert LEAVES[0].hash == hashlib.sha256(bytes(32) + bytes(7) + b"\x07" + bytes(7) + b"\x01" + digest).digest()


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=20))
def test_untouched_chain_is_sound(bodies):
    leaves = chain(bodies)

    assert verify_leaves(TENANT, leaves, end_of(leaves)) == Integrity(commits=len(leaves))


@pytest.mark.parametrize(
    ("leaves", "sound", "problem"),
    [
        ([LEAVES[0], attrs.evolve(LEAVES[1], body=b"TWO"), *LEAVES[2:]], 1, "leaf 2 does not match its hash"),
        ([LEAVES[0], *LEAVES[2:]], 1, "leaf 2 is missing"),
        ([*LEAVES[:2], LEAVES[3], LEAVES[2]], 2, "leaf 3 is missing"),
        (LEAVES[:3], 3, "leaf 4 is missing"),
        ([], 0, "leaf 1 is missing"),
        ([*LEAVES[:2], *chain([b"a", b"b", b"c", b"d"])[2:]], 2, "leaf 3 does not follow from the leaf before"),
        (chain([b"one", b"two", b"three", b"FOUR"]), 3, "leaf 4 is not the one that was seen before"),
        (chain([b"one", b"two", b"three", b"four"], tenant_id=8), 0, "leaf 1 does not follow from the leaf before"),
    ],
    ids=[
        "edited",
        "deleted",
        "swapped",
        "tail cut",
        "emptied",
        "spliced",
        "rewritten",
        "of another tenant",
    ],
)
def test_touched_chain_is_named_by_its_first_bad_leaf(leaves, sound, problem):
    assert verify_leaves(TENANT, leaves, end_of(LEAVES)) == Integrity(commits=sound, problem=problem)


def test_chain_that_grew_since_its_end_was_kept_is_sound_and_an_erased_body_too():
    erased = [LEAVES[0], attrs.evolve(LEAVES[1], body=None), *LEAVES[2:]]

    assert verify_leaves(TENANT, erased, end_of(LEAVES[:2])) == Integrity(commits=4)
