"""The sequencer: gives every leaf of the outbox exactly one place, and signs what the logs have become.

Any number of sequencers may work on one database: a round is written by compare-and-swap, so that of two rounds made
at once one is lost and made again. A leaf leaves the outbox in the transaction that gives it its place, and a key has
one place in a log; a process that dies anywhere loses and doubles nothing.

Before it signs, it looks whether what it continues is what was signed: it never puts a signature on a history that
somebody else wrote.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from decision_gate.enterprise.audit.errors import LogTamperedError
from decision_gate.enterprise.audit.found import FoundBy
from decision_gate.enterprise.audit.leaf import AuditLeaf
from decision_gate.enterprise.audit.logs import ROOT, LogKeys, origin_subject, told_checkpoint
from decision_gate.enterprise.audit.store import AuditStore, LogGrowth, LogHead, NewLeaf, Placement, Waiting
from decision_gate.enterprise.audit.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    LogFormatError,
    TileMissingError,
    Tree,
    UntrustedNoteError,
    grow,
    leaf_hash,
    open_checkpoint,
    sign_checkpoint,
)

BATCH: Final = 2_000
"""Leaves of one round: enough to make a commit worth it, few enough to keep a database file for milliseconds."""


class _OvertakenError(Exception):
    """Another sequencer wrote between two looks of this one; the round is made again."""


class Sequencer:
    """Empties the outbox of *store* into logs signed by *keys*. One thread at a time."""

    def __init__(self, store: AuditStore, keys: LogKeys, batch: int = BATCH) -> None:
        self._store = store
        self._keys = keys
        self._names = keys.names
        self._batch = batch
        self._seen = Checkpoint(origin=self._names.origin(ROOT), size=0, root=b"")
        self.touched: set[bytes] = set()
        """Logs that grew since somebody emptied this: what is worth a snapshot."""

    def run(self) -> int:
        """Give places until nothing waits that can have one; return how many leaves got one.

        Raises:
            LogTamperedError: A log in the database is not the one that was signed; all others were extended.
            StoreError: The database does not answer.
        """
        total, problems = 0, dict[str, LogTamperedError]()
        is_moving = True
        while is_moving:
            is_moving = False
            after: Waiting | None = None
            while waiting := self._store.waiting(after, self._batch):
                try:
                    placement = self._placement(waiting, problems)
                    is_moving = is_moving or bool(placement.taken)
                    if placement.taken and self._store.place(placement):
                        total += sum(len(grown.leaves) for grown in placement.growths if grown.log != ROOT)
                        self.touched.update(grown.log for grown in placement.growths)
                except _OvertakenError:
                    is_moving = True
                if len(waiting) < self._batch:
                    break
                after = waiting[-1]
        for problem in problems.values():
            raise problem
        return total

    def _placement(self, waiting: Sequence[Waiting], problems: dict[str, LogTamperedError]) -> Placement:
        growths: list[LogGrowth] = []
        taken: list[Waiting] = []
        for log, group in groupby(sorted(waiting, key=_log_of), key=_log_of):
            leaves = tuple(group)
            try:
                grown = self._grown(log, [each.leaf for each in leaves])
            except LogTamperedError as problem:
                problems[problem.origin] = problem
                continue
            taken += leaves
            growths += [] if grown is None else [grown]
        if growths:
            growths.append(self._root(growths))
        return Placement(growths=tuple(growths), taken=tuple(taken))

    def _grown(self, log: bytes, leaves: Sequence[AuditLeaf]) -> LogGrowth | None:
        """Return what a tenant's log becomes, none when all *leaves* have a place already."""
        # INVARIANT: the head is read first. Whatever is placed after this look moves it, and the round is refused.
        origin, head = self._names.origin(log), self._store.head(log)
        fresh = {leaf.key: leaf for leaf in reversed(leaves)}
        placed = self._store.placed(log, fresh)
        new = tuple(_new(leaf) for key, leaf in reversed(fresh.items()) if key not in placed)
        if not new:
            return None
        told = self._store.about(ROOT, origin_subject(origin))
        empty = Checkpoint(origin=origin, size=0, root=EMPTY_ROOT)
        known = told_checkpoint(told[0].entry) if told else empty
        if known is None or (known.size, known.root) != (head.size, head.root):
            if self._store.head(log) != head:
                raise _OvertakenError
            size = "another" if known is None else f"one of {known.size}"
            raise LogTamperedError(origin, f"it has {head.size} entries, the root log knows {size}")
        return self._signed(log, head, new)

    def _root(self, growths: Iterable[LogGrowth]) -> LogGrowth:
        """Return the root log with the checkpoints of *growths* behind it."""
        new = tuple(
            NewLeaf(entry=grown.note.partition("\n\n")[0].encode() + b"\n", subject=origin_subject(origin))
            for grown in growths
            if (origin := self._names.origin(grown.log))
        )
        head = self._store.head(ROOT)
        seen = self._seen
        if seen.size and (head.size < seen.size or self._tree(ROOT).root(seen.size) != seen.root):
            raise LogTamperedError(seen.origin, f"it does not continue the log of {seen.size} entries seen before")
        self._seen = Checkpoint(origin=seen.origin, size=head.size, root=head.root)
        return self._signed(ROOT, head, new)

    def _signed(self, log: bytes, head: LogHead, new: tuple[NewLeaf, ...]) -> LogGrowth:
        """Return the growth of a log whose end is the one that was signed."""
        origin = self._names.origin(log)
        tree = self._tree(log)
        self._trust(origin, log, head, tree)
        growth = grow(head.size, [leaf_hash(leaf.entry) for leaf in new], tree.read)
        checkpoint = Checkpoint(origin=origin, size=growth.size, root=growth.root)
        note = sign_checkpoint(checkpoint, self._keys.signers(log))
        return LogGrowth(log=log, before=head.size, leaves=new, growth=growth, note=note)

    def _trust(self, origin: str, log: bytes, head: LogHead, tree: Tree) -> None:
        if head.note is None:
            return
        try:
            signed = open_checkpoint(head.note, self._names.verifiers(log))
            root = tree.root(head.size)
        except (LogFormatError, UntrustedNoteError, TileMissingError) as error:
            raise LogTamperedError(origin, f"its end does not hold: {error}") from error
        if signed != Checkpoint(origin=origin, size=head.size, root=root) or head.root != root:
            raise LogTamperedError(origin, f"its end is not the checkpoint of {signed.size} entries that was signed")

    def _tree(self, log: bytes) -> Tree:
        return Tree(lambda level, number: self._store.tile(log, level, number))


def _log_of(waiting: Waiting) -> bytes:
    return waiting.leaf.log


def _new(leaf: AuditLeaf) -> NewLeaf:
    """Return a leaf with what it is found by, read from its entry."""
    found = FoundBy.read(leaf.entry)
    return NewLeaf(
        entry=leaf.entry,
        key=leaf.key,
        salt=leaf.salt,
        body=leaf.body,
        event_class=found.event_class,
        at_ms=found.at_ms,
        subject=found.subject,
    )
