"""A log while it is read, compared with what it was at other times."""

from collections.abc import Iterator, Sequence

from decision_gate.enterprise.audit.tlog import Checkpoint
from decision_gate.enterprise.audit.tlog.ranges import RunningRoot
from decision_gate.enterprise.audit.tlog.tiles import TILE_BITS


class KeptRoots:
    """Takes the leaves of a log in order and compares its root at every size of *kept*, which ascend by size.

    *running* is the tree before the first leaf that will be added, of which nothing can be said.
    """

    def __init__(self, kept: Sequence[Checkpoint], running: RunningRoot | None = None) -> None:
        self.running = RunningRoot() if running is None else running
        self.forked: Checkpoint | None = None
        """The first checkpoint that the log contradicts."""
        self._kept = [each for each in kept if each.size >= self.running.size]
        self._next = 0

    def missing(self) -> Sequence[Checkpoint]:
        """Return the checkpoints of sizes that the log does not have."""
        return self._kept[self._next :]

    def add(self, hashes: Sequence[bytes]) -> None:
        """Add leaf hashes and compare at every size that was kept."""
        at, start = 0, self.running.size
        for checkpoint in self._reached(start + len(hashes)):
            if checkpoint.size - start > at:
                self.running.add(hashes[at : checkpoint.size - start])
                at = checkpoint.size - start
            if self.forked is None and self.running.root() != checkpoint.root:
                self.forked = checkpoint
        self.running.add(hashes[at:])

    def add_tile(self, root: bytes) -> None:
        """Add a whole tile of leaves by its root; nothing can be compared within it, but at its ends."""
        self.running.join(TILE_BITS, root)
        for checkpoint in self._reached(self.running.size):
            if self.forked is None and self.running.root() != checkpoint.root:
                self.forked = checkpoint

    def _reached(self, end: int) -> Iterator[Checkpoint]:
        while self._next < len(self._kept) and self._kept[self._next].size <= end:
            yield self._kept[self._next]
            self._next += 1
