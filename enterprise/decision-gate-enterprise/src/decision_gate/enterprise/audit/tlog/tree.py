"""A tree over tiles: how it grows, what its root is at any size, and its proofs (RFC 6962 §2.1)."""

from collections.abc import Callable, Iterator, Sequence

import attrs

from decision_gate.enterprise.audit.tlog.errors import ProofError, TileMissingError
from decision_gate.enterprise.audit.tlog.merkle import EMPTY_ROOT, HASH_BYTES, merkle_root, node_hash
from decision_gate.enterprise.audit.tlog.tiles import TILE_BITS, TILE_WIDTH, Tile

TileReader = Callable[[int, int], bytes]
"""Returns the hashes of the tile (level, number), none of them when there is no such tile."""


@attrs.frozen(kw_only=True)
class Growth:
    """What a tree becomes: its size and root, and the tiles that are new or longer."""

    size: int
    root: bytes
    tiles: tuple[Tile, ...]


def levels_of(size: int) -> int:
    """Return how many levels of tiles a tree has."""
    levels = 0
    while size:
        levels, size = levels + 1, size >> TILE_BITS
    return levels


def grow(size: int, leaves: Sequence[bytes], read: TileReader) -> Growth:
    """Return what the tree of *size* becomes with the leaf hashes *leaves* behind it.

    Raises:
        TileMissingError: A growing tile is not there.
    """
    edge = [_growing(size, level, read) for level in range(levels_of(size))]
    full: list[Tile] = []
    changed: set[int] = set()
    for place, leaf in enumerate(leaves, size):
        level, node = 0, leaf
        while True:
            if level == len(edge):
                edge.append([])
            edge[level].append(node)
            changed.add(level)
            if len(edge[level]) < TILE_WIDTH:
                break
            node = merkle_root(edge[level])
            number = place >> (TILE_BITS * (level + 1))
            full.append(Tile(level=level, number=number, hashes=b"".join(edge[level])))
            edge[level] = []
            level += 1
    end = size + len(leaves)
    growing = (
        Tile(level=level, number=end >> (TILE_BITS * (level + 1)), hashes=b"".join(edge[level]))
        for level in sorted(changed)
        if edge[level]
    )
    return Growth(size=end, root=_root_of_edge(edge), tiles=(*full, *growing))


@attrs.frozen
class Tree:
    """A tree whose tiles *read* gives. A tree only grows, so what holds for a size holds for ever."""

    read: TileReader
    _tiles: dict[tuple[int, int], bytes] = attrs.field(factory=dict, init=False)

    def root(self, size: int) -> bytes:
        """Return the root at *size*. Raise ``TileMissingError`` when the tiles are of a smaller tree."""
        return self.range_root(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the proof that leaf *index* is in the tree of *size*, from its sibling up.

        Raises:
            ProofError: There is no such leaf at that size.
            TileMissingError: A tile is not there.
        """
        if not 0 <= index < size:
            raise ProofError(f"a log of {size} entries has no entry {index}")
        path: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self.range_root(middle, end))
                end = middle
            else:
                path.append(self.range_root(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of size *new* begins with that of size *old*.

        Raises:
            ProofError: It cannot be: *old* is no size before *new*.
            TileMissingError: A tile is not there.
        """
        if not 0 < old <= new:
            raise ProofError(f"a log of {new} entries does not continue one of {old}")
        path: list[bytes] = []
        start, end, is_whole = 0, new, True
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self.range_root(middle, end))
                end = middle
            else:
                path.append(self.range_root(start, middle))
                start, is_whole = middle, False
        if not is_whole:
            path.append(self.range_root(start, end))
        return tuple(reversed(path))

    def range_root(self, start: int, end: int) -> bytes:
        """Return the root over the leaves from *start* to before *end*, which is a node of a tree that splits there."""
        nodes = [self.node(at, height) for at, height in aligned(start, end)]
        found = nodes.pop()
        while nodes:
            found = node_hash(nodes.pop(), found)
        return found

    def node(self, start: int, height: int) -> bytes:
        """Return the root over the ``2**height`` leaves from *start* on, which *height* divides."""
        level, within = divmod(height, TILE_BITS)
        number, first = divmod(start >> (level * TILE_BITS), TILE_WIDTH)
        tile = self._tiles.get((level, number))
        end = (first + (1 << within)) * HASH_BYTES
        if tile is None or len(tile) < end:
            tile = self._tiles[level, number] = self.read(level, number)
            if len(tile) < end:
                raise TileMissingError(level, number)
        return merkle_root([tile[at : at + HASH_BYTES] for at in range(first * HASH_BYTES, end, HASH_BYTES)])


def aligned(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the fewest complete subtrees, as (start, height), that cover the leaves from *start* to before *end*."""
    while start < end:
        height = (end - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        yield start, height
        start += 1 << height


def _split(size: int) -> int:
    """Return the largest power of two below *size*."""
    return 1 << ((size - 1).bit_length() - 1)


def _growing(size: int, level: int, read: TileReader) -> list[bytes]:
    """Return the hashes of the last tile of a level, none when its last tile is full."""
    width = (size >> (TILE_BITS * level)) % TILE_WIDTH
    number = size >> (TILE_BITS * (level + 1))
    hashes = read(level, number) if width else b""
    if len(hashes) < width * HASH_BYTES:
        raise TileMissingError(level, number)
    return [hashes[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)]


def _root_of_edge(edge: Sequence[Sequence[bytes]]) -> bytes:
    """Return the root of the tree whose growing tiles, by level, are *edge*."""
    root: bytes | None = None
    for hashes in edge:
        row = [*hashes, root] if root is not None else hashes
        if row:
            root = merkle_root(row)
    return EMPTY_ROOT if root is None else root
