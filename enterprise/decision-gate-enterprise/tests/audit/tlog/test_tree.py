"""A tree over tiles answers as the recursive definition of RFC 6962 does."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.enterprise.audit.tlog import (
    EMPTY_ROOT,
    ProofError,
    RangeProof,
    TileMissingError,
    Tree,
    grow,
    leaf_hash,
    merkle_root,
    prove_range,
    verify_consistency,
    verify_inclusion,
)
from decision_gate.enterprise.audit.tlog.ranges import RunningRoot

LEAVES = [leaf_hash(b"%d" % number) for number in range(70_000)]
MOST = 2_000


def defined_root(hashes):
    """Return MTH of RFC 6962 §2.1, word by word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + defined_root(hashes[:split]) + defined_root(hashes[split:])).digest()


class Tiles(dict):
    """Tiles in memory, and a tree over them."""

    def read(self, level, number):
        return self.get((level, number), b"")

    def grow(self, size, leaves):
        grown = grow(size, leaves, self.read)
        self.update({(tile.level, tile.number): tile.hashes for tile in grown.tiles})
        return grown


@pytest.fixture(scope="module")
def tiles():
    made = Tiles()
    made.grow(0, LEAVES)
    return made


@given(st.lists(st.integers(0, 600), max_size=6))
def test_tree_that_grows_in_steps_is_the_tree_that_is_made_at_once(steps):
    stepped, size = Tiles(), 0
    for step in steps:
        grown = stepped.grow(size, LEAVES[size : size + step])
        size += step
        assert (grown.size, grown.root) == (size, defined_root(LEAVES[:size]))

    whole = Tiles()
    whole.grow(0, LEAVES[:size])
    assert {place: hashes for place, hashes in stepped.items() if hashes} == whole


def test_three_levels_of_tiles_have_the_defined_root(tiles):
    assert Tree(tiles.read).root(len(LEAVES)) == defined_root(LEAVES) == merkle_root(LEAVES)
    assert {level for level, _ in tiles} == {0, 1, 2}


@given(st.integers(0, MOST))
def test_root_of_every_size_is_known_from_the_tiles_of_a_larger_one(size):
    tiles = Tiles()
    tiles.grow(0, LEAVES[:MOST])

    assert Tree(tiles.read).root(size) == defined_root(LEAVES[:size])


@given(st.data(), st.integers(1, MOST))
def test_inclusion_proof_verifies_and_with_any_bit_changed_does_not(data, size):
    index = data.draw(st.integers(0, size - 1))
    tiles = Tiles()
    root = tiles.grow(0, LEAVES[:size]).root

    path = Tree(tiles.read).inclusion(index, size)
    verify_inclusion(index, size, LEAVES[index], path, root)

    changed = [LEAVES[index], root, *path]
    at, bit = data.draw(st.integers(0, len(changed) - 1)), data.draw(st.integers(0, 255))
    changed[at] = (int.from_bytes(changed[at], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(ProofError):
        verify_inclusion(index, size, changed[0], changed[2:], changed[1])


@given(st.data(), st.integers(1, MOST))
def test_consistency_proof_verifies_and_with_any_bit_changed_does_not(data, new):
    old = data.draw(st.integers(1, new))
    tiles = Tiles()
    tiles.grow(0, LEAVES[:new])
    tree = Tree(tiles.read)

    path = tree.consistency(old, new)
    verify_consistency(old, new, tree.root(old), tree.root(new), path)

    changed = [tree.root(old), tree.root(new), *path]
    at, bit = data.draw(st.integers(0, len(changed) - 1)), data.draw(st.integers(0, 255))
    changed[at] = (int.from_bytes(changed[at], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(ProofError):
        verify_consistency(old, new, changed[0], changed[1], changed[2:])


@given(st.data(), st.integers(1, MOST))
def test_stretch_between_its_proof_gives_the_root_and_another_stretch_does_not(data, size):
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    tiles = Tiles()
    root = tiles.grow(0, LEAVES[:size]).root
    proof = prove_range(Tree(tiles.read), start, end, size)

    def closed(leaves):
        tree = proof.opened()
        tree.add(leaves)
        return proof.closed(tree, size)

    assert closed(LEAVES[start:end]) == root
    if start != end:
        assert closed([LEAVES[end], *LEAVES[start + 1 : end]]) != root
        with pytest.raises(ProofError):
            closed(LEAVES[start : end - 1])


def test_proof_of_a_stretch_with_a_hash_too_many_is_refused():
    proof = RangeProof(start=1, end=2, before=(EMPTY_ROOT, EMPTY_ROOT), behind=())

    with pytest.raises(ProofError):
        proof.opened()


@given(st.lists(st.integers(0, 300), max_size=6))
def test_running_root_is_the_root_at_every_size(steps):
    running = RunningRoot()
    for step in steps:
        running.add(LEAVES[running.size : running.size + step])
        assert running.root() == defined_root(LEAVES[: running.size])


def test_missing_tile_is_named_and_not_made_up(tiles):
    without = Tiles(tiles)
    del without[0, 3]

    with pytest.raises(TileMissingError) as missing:
        Tree(without.read).inclusion(800, len(LEAVES))

    assert (missing.value.level, missing.value.number) == (0, 3)


def test_growth_on_a_tile_that_is_too_short_is_refused():
    tiles = Tiles()
    tiles.grow(0, LEAVES[:10])
    tiles[0, 0] = tiles[0, 0][:-32]

    with pytest.raises(TileMissingError):
        tiles.grow(10, LEAVES[10:11])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_entry_that_is_not_there_has_no_proof(tiles, index, size):
    with pytest.raises(ProofError):
        Tree(tiles.read).inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_log_that_does_not_continue_another_has_no_proof(tiles, old, new):
    with pytest.raises(ProofError):
        Tree(tiles.read).consistency(old, new)
