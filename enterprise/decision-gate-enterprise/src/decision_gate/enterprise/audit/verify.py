"""``audit verify``: an export against its checkpoint, on any machine, with nothing but keys that the reader trusts."""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import attrs

from decision_gate.core.json import JsonParseError, JsonValue, canonical, parse
from decision_gate.enterprise.audit.damage import Damage, Finding
from decision_gate.enterprise.audit.errors import ExportFormatError
from decision_gate.enterprise.audit.examine import LogReport
from decision_gate.enterprise.audit.export import CHECKPOINT_NAME, EVENTS_NAME, FIRST_HASH, MANIFEST_NAME
from decision_gate.enterprise.audit.lines import BUFFER_BYTES, Lines, Wrong, WrongLineError
from decision_gate.enterprise.audit.roots import KeptRoots
from decision_gate.enterprise.audit.side_by_side import read_side_by_side
from decision_gate.enterprise.audit.tlog import (
    TILE_WIDTH,
    Checkpoint,
    LogFormatError,
    LogVerifier,
    ProofError,
    UntrustedNoteError,
    open_checkpoint,
)
from decision_gate.enterprise.audit.tlog.ranges import RangeProof

_MAX_MANIFEST_BYTES: Final = 1 << 20


@attrs.frozen(kw_only=True)
class Manifest:
    """``manifest.json``, as far as it must be right. It is not signed: what it says is checked, never believed."""

    origin: str
    count: int
    last_hash: str
    proof: RangeProof

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read a manifest. Raise ``ExportFormatError`` when it is none."""
        with path.open("rb") as file:
            raw = file.read(_MAX_MANIFEST_BYTES)
        try:
            return cls._of(parse(raw))
        except (JsonParseError, binascii.Error) as error:
            raise ExportFormatError(f"{path.name} is not the manifest of an export: {error}") from error

    @classmethod
    def _of(cls, value: JsonValue) -> "Manifest":
        match value:
            case {
                "version": 1,
                "origin": str() as origin,
                "start": int() as start,
                "end": int() as end,
                "count": int() as count,
                "last_hash": str() | None as last_hash,
                "before": list() as before,
                "behind": list() as behind,
            }:
                proof = RangeProof(start=start, end=end, before=_nodes(before), behind=_nodes(behind))
                return cls(origin=origin, count=count, last_hash=last_hash or FIRST_HASH, proof=proof)
            case _:
                raise ExportFormatError("the manifest of an export lacks one of its members")


def verify_events(folder: Path, verifiers: Sequence[LogVerifier], kept: Sequence[Checkpoint] = ()) -> LogReport:
    """Verify an export; *kept* are checkpoints of the log that the reader kept, ascending by size.

    A large one is read by all processors at once, in a process without threads.

    Raises:
        ExportFormatError: The folder is no export.
        OSError: It cannot be read.
    """
    manifest = Manifest.read(folder / MANIFEST_NAME)
    note = (folder / CHECKPOINT_NAME).read_text(encoding="utf-8")
    try:
        checkpoint = open_checkpoint(note, verifiers)
    except (LogFormatError, UntrustedNoteError) as error:
        found = Finding(damage=Damage.UNSIGNED, origin=manifest.origin, index=None, text=str(error))
        return LogReport(origin=manifest.origin, size=0, erased=0, findings=(found,))
    try:
        reading = _Reading(manifest=manifest, origin=checkpoint.origin, kept=kept)
        findings = reading.findings(folder / EVENTS_NAME)
    except ProofError as error:
        raise ExportFormatError(f"{MANIFEST_NAME}: {error}") from error
    findings = findings or tuple(_against_checkpoints(reading, checkpoint))
    return LogReport(origin=checkpoint.origin, size=checkpoint.size, erased=reading.lines.erased, findings=findings)


@attrs.define(kw_only=True)
class _Reading:
    """The reading of the lines: where it stands, and the tree over what was read."""

    manifest: Manifest
    origin: str
    kept: Sequence[Checkpoint]
    lines: Lines = attrs.field(init=False)
    roots: KeptRoots = attrs.field(init=False)

    def findings(self, path: Path) -> tuple[Finding, ...]:
        """Return what is wrong with the lines as such: the first thing.

        Raises:
            ProofError: The manifest has no proof of a stretch.
        """
        self._begin()
        loose = frozenset(each.size // TILE_WIDTH for each in self.kept if each.size % TILE_WIDTH)
        whole = read_side_by_side(path, self.lines, loose)
        if whole is None:
            with path.open("rb", buffering=BUFFER_BYTES) as file:
                if (found := self._wrong_line(file)) is not None:
                    return (found,)
        else:
            self.lines, groups = whole
            for group in groups:
                self.roots.add_tile(group) if isinstance(group, bytes) else self.roots.add(group)
        return tuple(self._wrong_end())

    def _begin(self) -> None:
        self.lines = Lines(self.manifest.proof.start, FIRST_HASH.encode())
        self.roots = KeptRoots(self.kept, self.manifest.proof.opened())

    def _wrong_line(self, file: BinaryIO) -> Finding | None:
        try:
            for group in self.lines.groups(file):
                self.roots.add(group)
        except WrongLineError as error:
            return self._named(error, file)
        return None

    def _wrong_end(self) -> Iterator[Finding]:
        if self.lines.index < self.manifest.proof.start + self.manifest.count:
            yield self._finding(Damage.TAIL_CUT, self.lines.index, "it and all behind it are gone")
        elif self.lines.previous.decode() != self.manifest.last_hash:
            yield self._finding(Damage.FORKED, None, "the last line is not the one that the manifest names")

    def _named(self, error: WrongLineError, rest: BinaryIO) -> Finding:
        """Say what was done to a line that is wrong, or to those around it."""
        index, line = self.lines.index, error.line
        if error.wrong is Wrong.BODY:
            return self._finding(Damage.EDITED, index, error.wrong.value)
        claimed = _member(line, "index")
        if not isinstance(claimed, int):
            return self._finding(Damage.MALFORMED, index, "it is not written as exports are")
        if claimed < index:
            return self._finding(Damage.INSERTED, claimed, "two lines have this place")
        if claimed > index:
            if any(_member(other, "index") == index for other in rest):
                return self._finding(Damage.SWAPPED, index, f"it has changed places with entry {claimed}")
            return self._finding(Damage.DELETED, index, "it is gone")
        own = _member(line, "prev_hash")
        if own != self.lines.previous.decode() and _is_chained(line, own):
            return self._finding(Damage.SPLICED, index, "it continues another export or log")
        return self._finding(Damage.EDITED, index, "it is not the one that was exported")

    def _finding(self, damage: Damage, index: int | None, text: str) -> Finding:
        return Finding(damage=damage, origin=self.origin, index=index, text=text)


def _against_checkpoints(reading: _Reading, checkpoint: Checkpoint) -> Iterator[Finding]:
    def finding(text: str) -> Finding:
        return Finding(damage=Damage.FORKED, origin=checkpoint.origin, index=None, text=text)

    forked = reading.roots.forked
    try:
        root = reading.manifest.proof.closed(reading.roots.running, checkpoint.size)
    except ProofError as error:
        yield finding(str(error))
        return
    if root != checkpoint.root:
        yield finding(f"its entries are not those of the checkpoint of {checkpoint.size} entries")
        return
    yield from contradictions(checkpoint, reading.kept)
    if forked is not None and forked.size < checkpoint.size:
        yield finding(f"its first {forked.size} entries are not those that were kept")


def contradictions(checkpoint: Checkpoint, kept: Sequence[Checkpoint]) -> tuple[Finding, ...]:
    """Say how a checkpoint alone contradicts those that were kept, which ascend by size."""

    def finding(damage: Damage, text: str) -> Finding:
        return Finding(damage=damage, origin=checkpoint.origin, index=None, text=text)

    if kept and kept[-1].size > checkpoint.size:
        text = f"its checkpoint has {checkpoint.size} entries, one that was kept has {kept[-1].size}"
        return (finding(Damage.ROLLED_BACK, text),)
    if any(each.size == checkpoint.size and each.root != checkpoint.root for each in kept):
        return (finding(Damage.FORKED, f"another checkpoint of {checkpoint.size} entries was kept"),)
    return ()


def _is_chained(line: bytes, previous: JsonValue) -> bool:
    """Tell whether a line follows from what it says it follows from."""
    if not isinstance(previous, str):
        return False
    payload = canonical(_member(line, "payload"))
    return _member(line, "hash") == hashlib.sha256(previous.encode() + payload).hexdigest()


def _member(line: bytes, member: str) -> JsonValue:
    try:
        value = parse(line)
    except JsonParseError:
        return None
    return value.get(member) if isinstance(value, dict) else None


def _nodes(texts: Sequence[JsonValue]) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(str(text), validate=True) for text in texts)
