"""Walking the hash chain of a run, whatever store holds it: every backend names a broken place alike."""

import hashlib
from collections.abc import Iterable

import attrs

from decision_gate.core.ports.head_codec import decode_head
from decision_gate.core.ports.run_digest import FIRST, run_digest
from decision_gate.core.ports.run_errors import StoreCorruptError
from decision_gate.core.ports.runs import Integrity, Log, LogCounts, LogRecord, RunHead, RunKey


@attrs.frozen(kw_only=True)
class StoredRecord:
    """One record as a store holds it.

    ``tombstone`` is the hexadecimal SHA-256 of the body that ``RunStore.erase`` put here, none when nothing
    was erased.
    """

    log: Log
    seq: int
    key: str | None = None
    sha256: str
    body: bytes
    tombstone: str | None = None

    @property
    def is_intact(self) -> bool:
        """Whether the body is the committed one, or the tombstone that took its place."""
        return hashlib.sha256(self.body).hexdigest() == (self.tombstone or self.sha256)

    def erased(self, tombstone: bytes) -> "StoredRecord":
        """Return this record with *tombstone* in place of its body."""
        return attrs.evolve(self, body=tombstone, tombstone=hashlib.sha256(tombstone).hexdigest())


@attrs.frozen(kw_only=True)
class StoredCommit:
    """One commit as a store holds it: the head it led to, none when it is lost, and its records in order."""

    version: int
    head: bytes | None
    records: tuple[StoredRecord, ...]


def walk_chain(key: RunKey, current: bytes, commits: Iterable[StoredCommit]) -> Integrity:
    """Recompute every record hash and the whole chain of one run.

    *current* is the stored head of the run, *commits* are all its commits in order of version; at most one of
    them is held at a time. ``Integrity.commits`` counts those before the first place that does not hold.
    """
    previous: RunHead | None = None
    walked = 0
    for commit in commits:
        found = _problem(key, previous, walked, commit)
        if isinstance(found, str):
            return Integrity(commits=walked, problem=found)
        previous = found
        walked += 1
    try:
        head = decode_head(current)
    except StoreCorruptError:
        return Integrity(commits=walked, problem="the head of the run cannot be read")
    if previous is None or head.version > walked:
        return Integrity(commits=walked, problem=f"commit {walked + 1} is missing")
    if head != previous:
        return Integrity(commits=walked, problem=f"the head of the run is not that of commit {walked}")
    return Integrity(commits=walked)


def _problem(key: RunKey, previous: RunHead | None, walked: int, commit: StoredCommit) -> RunHead | str:
    """Return the head of a commit that follows from *previous*, or what is wrong with it."""
    due = walked + 1
    if commit.version > due:
        return f"commit {due} is missing"
    place = f"commit {commit.version}"
    try:
        head = None if commit.head is None else decode_head(commit.head)
    except StoreCorruptError:
        return f"{place}: its head cannot be read"
    if head is None or commit.version < due or head.key != key or head.version != due:
        return f"{place}: its head is missing or that of another commit"
    counts, digest = (previous.counts, previous.digest) if previous else (LogCounts(), FIRST)
    if found := _record_problem(counts, head.counts, commit.records):
        return f"{place}: {found}"
    links = [
        LogRecord(log=each.log, seq=each.seq, key=each.key, body=b"", sha256=each.sha256) for each in commit.records
    ]
    if run_digest(digest, head, links) != head.digest:
        return f"{place}: its digest does not follow from its records and the commit before"
    return head


def _record_problem(before: LogCounts, after: LogCounts, records: tuple[StoredRecord, ...]) -> str | None:
    """Return what is wrong with the records that lead from the counts *before* to those *after*."""
    reached = {log: before.of(log) for log in Log}
    for record in records:
        name = f"{record.log.value} {record.seq}"
        due = reached[record.log] + 1
        if record.seq > due:
            return f"{record.log.value} {due} is missing"
        if record.seq < due or due > after.of(record.log):
            return f"{name} does not belong here"
        if not record.is_intact:
            return f"{name} does not match its hash"
        reached[record.log] = due
    for log, seq in reached.items():
        if seq != after.of(log):
            return f"{log.value} {seq + 1} is missing"
    return None
