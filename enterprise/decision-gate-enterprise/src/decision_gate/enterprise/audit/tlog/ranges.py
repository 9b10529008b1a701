"""Proofs of a stretch: that consecutive entries stand in a log as they are, with nothing left out between them."""

from collections.abc import Sequence

import attrs

from decision_gate.enterprise.audit.tlog.errors import ProofError
from decision_gate.enterprise.audit.tlog.merkle import EMPTY_ROOT, HASH_BYTES, merkle_root, node_hash
from decision_gate.enterprise.audit.tlog.tiles import TILE_BITS, TILE_WIDTH
from decision_gate.enterprise.audit.tlog.tree import Tree, aligned


@attrs.define
class RunningRoot:
    """The tree over the leaves so far, as its complete subtrees from the left."""

    size: int = 0
    _nodes: list[tuple[int, bytes]] = attrs.field(factory=list)

    def add(self, hashes: Sequence[bytes]) -> None:
        """Add leaf hashes; a whole tile at a time costs least."""
        if len(hashes) == TILE_WIDTH and self.size % TILE_WIDTH == 0:
            self.join(TILE_BITS, merkle_root(hashes))
        else:
            for each in hashes:
                self.join(0, each)

    def join(self, height: int, node: bytes) -> None:
        """Add the root over the next ``2**height`` leaves, which must begin at a multiple of that."""
        self.size += 1 << height
        while self._nodes and self._nodes[-1][0] == height:
            node = node_hash(self._nodes.pop()[1], node)
            height += 1
        self._nodes.append((height, node))

    def root(self) -> bytes:
        """Return the root at this size."""
        if not self._nodes:
            return EMPTY_ROOT
        found = self._nodes[-1][1]
        for _, node in reversed(self._nodes[:-1]):
            found = node_hash(node, found)
        return found


@attrs.frozen(kw_only=True)
class RangeProof:
    """What stands before and behind the stretch from *start* to before *end*: the fewest subtrees that cover it."""

    start: int
    end: int
    before: tuple[bytes, ...]
    behind: tuple[bytes, ...]

    def opened(self) -> RunningRoot:
        """Return the tree before the stretch, to which its leaves are added.

        Raises:
            ProofError: The proof is not of this shape.
        """
        tree = RunningRoot()
        _join(tree, 0, self.start, self.before)
        return tree

    def closed(self, tree: RunningRoot, size: int) -> bytes:
        """Return the root of the log of *size* whose beginning, up to the end of the stretch, is *tree*.

        Raises:
            ProofError: The proof is not of this shape.
        """
        if tree.size != self.end:
            raise ProofError(f"the stretch ends at {tree.size}, its proof says {self.end}")
        _join(tree, self.end, size, self.behind)
        return tree.root()


def prove_range(tree: Tree, start: int, end: int, size: int) -> RangeProof:
    """Return the proof of a stretch in the tree of *size*.

    Raises:
        ProofError: There is no such stretch.
        TileMissingError: A tile is not there.
    """
    if not 0 <= start <= end <= size:
        raise ProofError(f"a log of {size} entries has no stretch from {start} to {end}")
    return RangeProof(
        start=start,
        end=end,
        before=tuple(tree.node(at, height) for at, height in aligned(0, start)),
        behind=tuple(tree.node(at, height) for at, height in aligned(end, size)),
    )


def _join(tree: RunningRoot, start: int, end: int, nodes: Sequence[bytes]) -> None:
    cover = list(aligned(start, end))
    if start < 0 or end < start or len(cover) != len(nodes):
        raise ProofError("the proof of a stretch has too many or too few hashes")
    if any(len(node) != HASH_BYTES for node in nodes):
        raise ProofError(f"a hash does not have {HASH_BYTES} bytes")
    for (_, height), node in zip(cover, nodes, strict=True):
        tree.join(height, node)
