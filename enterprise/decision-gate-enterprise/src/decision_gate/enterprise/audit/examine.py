"""``fsck`` of the audit log: rebuilds every log from its entries and compares it with all that was said of it.

Each log is held against itself (places, tiles, bodies), against its signed checkpoint, against every checkpoint of it
in the root log, and against those that were kept elsewhere. Only the last cannot be changed by who can change the
database and has the key: without kept checkpoints, an old copy of the whole database looks sound.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

import attrs

from decision_gate.core.ports import StoreCorruptError
from decision_gate.enterprise.audit.damage import Damage, Finding, name_damage
from decision_gate.enterprise.audit.found import FoundBy
from decision_gate.enterprise.audit.leaf import BODY_MEMBER
from decision_gate.enterprise.audit.logs import ROOT, LogNames, origin_subject, told_checkpoint
from decision_gate.enterprise.audit.roots import KeptRoots
from decision_gate.enterprise.audit.store import AuditStore, LogHead, StoredLeaf
from decision_gate.enterprise.audit.tlog import (
    TILE_WIDTH,
    Checkpoint,
    LogFormatError,
    UntrustedNoteError,
    leaf_hash,
    merkle_root,
    open_checkpoint,
)
from decision_gate.enterprise.audit.tlog.merkle import HASH_BYTES

_DIGEST = slice(len(BODY_MEMBER), len(BODY_MEMBER) + 64)
_sha256 = hashlib.sha256


@attrs.frozen(kw_only=True)
class LogReport:
    """What became of one log.

    Attributes:
        origin: Whose it is.
        size: How many entries it has.
        erased: How many of them have no body any more.
        findings: What is wrong; the first thing of each kind of check.
    """

    origin: str
    size: int
    erased: int
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def examine(
    store: AuditStore, names: LogNames, kept: Mapping[str, Sequence[Checkpoint]] | None = None
) -> Iterator[LogReport]:
    """Examine the root log and then every log, and yield a report of each.

    *kept* are checkpoints by origin that were opened with a trusted key; a log that they know and the database does not
    is reported too. Leaves in the outbox have no place yet and are not looked at.
    """
    kept = kept or {}
    known: dict[str, list[Checkpoint]] = {}
    report = examine_log(store, names, ROOT, kept.get(names.origin(ROOT), ()), seen=known)
    yield report
    logs = {names.origin(log): log for log in store.logs() if log != ROOT}
    for origin, log in logs.items():
        yield examine_log(store, names, log, _merged(known.pop(origin, []), kept.get(origin, ())))
    for origin in sorted({*known, *kept} - {*logs, names.origin(ROOT)}):
        gone = Finding(damage=Damage.TAIL_CUT, origin=origin, index=0, text="the whole log is gone")
        yield LogReport(origin=origin, size=0, erased=0, findings=(gone,))


def with_findings(reports: Iterable[LogReport], findings: Iterable[Finding]) -> Iterator[LogReport]:
    """Yield *reports* with what else was found of their logs, then a report of each log that had none."""
    rest: dict[str, list[Finding]] = {}
    for finding in findings:
        rest.setdefault(finding.origin, []).append(finding)
    for report in reports:
        yield attrs.evolve(report, findings=(*report.findings, *rest.pop(report.origin, ())))
    for origin in sorted(rest):
        yield LogReport(origin=origin, size=0, erased=0, findings=tuple(rest[origin]))


def examine_log(
    store: AuditStore,
    names: LogNames,
    log: bytes,
    kept: Sequence[Checkpoint] = (),
    *,
    seen: dict[str, list[Checkpoint]] | None = None,
) -> LogReport:
    """Examine one log against *kept*, which ascends by size; *seen* collects the checkpoints that a root log holds.

    What cannot be read, because a cell of the database is not of its kind, is a finding too.
    """
    try:
        return _examined(store, names, log, kept, seen)
    except StoreCorruptError as error:
        found = Finding(damage=Damage.MALFORMED, origin=names.origin(log), index=None, text=str(error))
        return LogReport(origin=names.origin(log), size=0, erased=0, findings=(found,))


def _examined(
    store: AuditStore,
    names: LogNames,
    log: bytes,
    kept: Sequence[Checkpoint],
    seen: dict[str, list[Checkpoint]] | None,
) -> LogReport:
    origin, head = names.origin(log), store.head(log)
    reading = _Reading(origin=origin, log=log, store=store, roots=KeptRoots(kept))
    findings = list(reading.walk(head, seen))
    findings += _signature(origin, log, names, head)
    if not findings:
        findings += _against_itself(origin, head, reading)
        findings += _against_others(origin, head, reading)
    return LogReport(origin=origin, size=head.size, erased=reading.erased, findings=tuple(findings))


@attrs.define(kw_only=True)
class _Reading:
    """One pass over the entries of a log, a tile at a time."""

    origin: str
    log: bytes
    store: AuditStore
    roots: KeptRoots
    erased: int = 0
    has_bad_body: bool = False
    has_bad_index: bool = False
    upper: list[bytes] = attrs.field(factory=list)
    """Roots over the full tiles of level 0: what level 1 must hold."""

    def walk(self, head: LogHead, seen: dict[str, list[Checkpoint]] | None) -> Iterator[Finding]:
        """Yield the first thing that is wrong with places and hashes, or the first body that is not the one logged."""
        rows = iter(self.store.leaves(self.log))
        for number in range(-(-head.size // TILE_WIDTH)):
            width = min(TILE_WIDTH, head.size - number * TILE_WIDTH)
            stored = self.store.tile(self.log, 0, number)[: width * HASH_BYTES]
            page = list(islice(rows, width))
            hashes = [_sha256(b"\x00" + row.entry).digest() for row in page]
            if len(page) < width or b"".join(hashes) != stored or not _is_in_place(page, number * TILE_WIDTH):
                # What comes next tells a moved entry from a changed one.
                yield self._named(head, number, stored, [*page, *islice(rows, 1)])
                return
            self.roots.add(hashes)
            if width == TILE_WIDTH:
                self.upper.append(merkle_root(hashes))
            for row in page:
                yield from self._beside(row)
                if seen is not None:
                    _collect(row, seen)
        if self.store.count(self.log, head.size) > head.size:
            text = "some of its places hold more than one entry"
            yield Finding(damage=Damage.INSERTED, origin=self.origin, index=None, text=text)
        for row in islice(rows, 1):
            if row.index >= self.store.head(self.log).size:  # else it came while we were reading
                text = "it stands behind the end of the log"
                yield Finding(damage=Damage.INSERTED, origin=self.origin, index=row.index, text=text)

    def _beside(self, row: StoredLeaf) -> Iterator[Finding]:
        """Yield the first body that is not the one logged, and the first entry that is not found by what it says."""
        if row.body is None:
            self.erased += row.entry.startswith(BODY_MEMBER)
        elif not self.has_bad_body and row.entry[_DIGEST] != _body_digest(row.salt, row.body):
            self.has_bad_body = True
            text = "its body is not the one that was logged"
            yield Finding(damage=Damage.EDITED, origin=self.origin, index=row.index, text=text)
            return
        if not self.has_bad_index and not self._is_found_by_what_it_says(row):
            self.has_bad_index = True
            text = "its class, time, run or key is not what it says"
            yield Finding(damage=Damage.INDEX_CHANGED, origin=self.origin, index=row.index, text=text)

    def _is_found_by_what_it_says(self, row: StoredLeaf) -> bool:
        if self.log == ROOT:
            told = told_checkpoint(row.entry)
            found = FoundBy(subject=None if told is None else origin_subject(told.origin))
        else:
            found = FoundBy.read(row.entry)
        key = None if row.body is None else _sha256(row.body).digest()
        beside = (row.event_class, row.at_ms, row.subject, row.key)
        has_salt = row.salt is not None
        return beside == (found.event_class.value, found.at_ms, found.subject, key) and has_salt == (key is not None)

    def _named(self, head: LogHead, number: int, stored: bytes, rows: Sequence[StoredLeaf]) -> Finding:
        start = number * TILE_WIDTH
        width = min(TILE_WIDTH, head.size - start)
        hashes = [stored[at : at + HASH_BYTES] for at in range(0, len(stored), HASH_BYTES)]
        found = name_damage(self.origin, start, hashes, rows)
        if len(hashes) < width or found is None or found.index is None or self._is_right(head, number, rows[:width]):
            text = f"the tile of hashes from entry {start} on is another one"
            return Finding(damage=Damage.TILES_CHANGED, origin=self.origin, index=start, text=text)
        if found.damage is Damage.EDITED and self._is_foreign(rows[found.index - start].entry):
            return attrs.evolve(found, damage=Damage.SPLICED, text="it is an entry of another log")
        return found

    def _is_right(self, head: LogHead, number: int, rows: Sequence[StoredLeaf]) -> bool:
        """Tell whether the entries, and not the tile, are those that the tree is over."""
        hashes = [leaf_hash(row.entry) for row in rows]
        if not _is_in_place(rows, number * TILE_WIDTH):
            return False
        if len(hashes) == TILE_WIDTH:
            parent, place = divmod(number, TILE_WIDTH)
            above = self.store.tile(self.log, 1, parent)
            return above[place * HASH_BYTES : (place + 1) * HASH_BYTES] == merkle_root(hashes)
        self.roots.add(hashes)
        return self.roots.running.root() == head.root

    def _is_foreign(self, entry: bytes) -> bool:
        """Tell whether an entry names another tenant than the log is of."""
        number = int.from_bytes(self.log, "big")
        return self.log != ROOT and b'"tenant":"' in entry and f'"tenant":"{number}"'.encode() not in entry


def _body_digest(salt: bytes | None, body: bytes) -> bytes:
    return _sha256((salt or b"") + body).hexdigest().encode()


def _is_in_place(page: Sequence[StoredLeaf], start: int) -> bool:
    return all(row.index == index for index, row in enumerate(page, start))


def _collect(row: StoredLeaf, seen: dict[str, list[Checkpoint]]) -> None:
    if (checkpoint := told_checkpoint(row.entry)) is not None:
        seen.setdefault(checkpoint.origin, []).append(checkpoint)


def _signature(origin: str, log: bytes, names: LogNames, head: LogHead) -> Iterator[Finding]:
    if head.note is None:
        if head.size:
            yield Finding(damage=Damage.UNSIGNED, origin=origin, index=None, text="it has no checkpoint")
        return
    try:
        signed = open_checkpoint(head.note, names.verifiers(log))
    except (LogFormatError, UntrustedNoteError) as error:
        yield Finding(damage=Damage.UNSIGNED, origin=origin, index=None, text=str(error))
        return
    if signed.origin != origin:
        text = f"its checkpoint is that of {signed.origin}"
        yield Finding(damage=Damage.SPLICED, origin=origin, index=None, text=text)
    elif signed.size > head.size:
        text = f"its checkpoint has {signed.size} entries, it has {head.size}"
        yield Finding(damage=Damage.TAIL_CUT, origin=origin, index=head.size, text=text)
    elif signed.size < head.size or signed.root != head.root:
        text = f"what is there was not signed; the checkpoint of {signed.size} entries is another log"
        yield Finding(damage=Damage.FORKED, origin=origin, index=None, text=text)


def _against_itself(origin: str, head: LogHead, reading: _Reading) -> Iterator[Finding]:
    if reading.roots.running.root() != head.root:
        text = f"its {head.size} entries are not those of its checkpoint"
        yield Finding(damage=Damage.FORKED, origin=origin, index=None, text=text)
        return
    level, row = 1, reading.upper
    while row:
        for number, at in enumerate(range(0, len(row), TILE_WIDTH)):
            wanted = b"".join(row[at : at + TILE_WIDTH])
            if reading.store.tile(reading.log, level, number)[: len(wanted)] != wanted:
                text = f"tile {number} of level {level} is another one"
                yield Finding(damage=Damage.TILES_CHANGED, origin=origin, index=None, text=text)
                return
        full = range(0, len(row) - len(row) % TILE_WIDTH, TILE_WIDTH)
        level, row = level + 1, [merkle_root(row[at : at + TILE_WIDTH]) for at in full]


def _against_others(origin: str, head: LogHead, reading: _Reading) -> Iterator[Finding]:
    forked, missing = reading.roots.forked, reading.roots.missing()
    if forked is not None:
        text = f"its first {forked.size} entries are not those of a checkpoint that was kept"
        yield Finding(damage=Damage.FORKED, origin=origin, index=None, text=text)
    elif missing and missing[-1].size > reading.store.head(reading.log).size:
        text = f"it ends after {head.size} entries, a checkpoint that was kept has {missing[-1].size}"
        yield Finding(damage=Damage.ROLLED_BACK, origin=origin, index=head.size, text=text)
    elif reading.log != ROOT and head.size > (known := _known_to_root(reading.store, origin)):
        text = f"the root log knows its first {known} entries only"
        yield Finding(damage=Damage.FORKED, origin=origin, index=known, text=text)


def _known_to_root(store: AuditStore, origin: str) -> int:
    told = store.about(ROOT, origin_subject(origin))
    known = told_checkpoint(told[0].entry) if told else None
    return 0 if known is None else known.size


def _merged(*kept: Iterable[Checkpoint]) -> list[Checkpoint]:
    return sorted(chain(*kept), key=lambda checkpoint: checkpoint.size)
