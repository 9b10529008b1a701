"""``audit verify``: an export against its checkpoint, on any machine, with nothing but the keys that the reader trusts.

Lines are cut apart at known places and not parsed: what is cut out wrongly does not hash to what was signed.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import attrs

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.enterprise.audit.damage import Damage, Finding
from decision_gate.enterprise.audit.errors import ExportFormatError
from decision_gate.enterprise.audit.examine import LogReport
from decision_gate.enterprise.audit.export import CHECKPOINT_NAME, EVENTS_NAME, FIRST_HASH, MANIFEST_NAME
from decision_gate.enterprise.audit.leaf import BODY_MEMBER
from decision_gate.enterprise.audit.roots import KeptRoots
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

_HEX: Final = 64
_DIGEST = slice(len(BODY_MEMBER), len(BODY_MEMBER) + _HEX)
_START: Final = b'{"payload":'
_END: Final = b'"}\n'
_ENTRY: Final = b',"entry":'
_MAX_MANIFEST_BYTES: Final = 1 << 20
_sha256 = hashlib.sha256


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
        reading = _Lines(manifest=manifest, origin=checkpoint.origin, roots=KeptRoots(kept, manifest.proof.opened()))
    except ProofError as error:
        raise ExportFormatError(f"{MANIFEST_NAME}: {error}") from error
    with (folder / EVENTS_NAME).open("rb") as file:
        findings = list(reading.walk(file))
    findings = findings or list(_against_checkpoints(reading, checkpoint, kept))
    return LogReport(origin=checkpoint.origin, size=checkpoint.size, erased=reading.erased, findings=tuple(findings))


@attrs.define(kw_only=True)
class _Lines:
    """One pass over the lines."""

    manifest: Manifest
    origin: str
    roots: KeptRoots
    erased: int = 0

    def walk(self, file: BinaryIO) -> Iterator[Finding]:
        """Yield the first thing that is wrong with the lines as such."""
        previous, index = FIRST_HASH.encode(), self.manifest.proof.start
        chunk: list[bytes] = []
        for line in file:
            payload = line[len(_START) : -(len(previous) + _HEX + 27)]
            found = _sha256(previous + payload).hexdigest().encode()
            if line != b'%b%b,"prev_hash":"%b","hash":"%b%b' % (_START, payload, previous, found, _END):
                yield self._named(index, previous, line, file)
                return
            previous = found
            ending = b',"index":%d,"salt":' % index
            at = payload.rfind(_ENTRY)
            end = payload.rfind(ending)
            if at < 0 or end < at:
                yield self._misplaced(index, line, file)
                return
            entry = payload[at + len(_ENTRY) : end]
            if not entry.startswith(BODY_MEMBER):
                entry = _text_entry(entry)
            elif (body := payload[8:at]) == b"null":
                self.erased += 1
            elif _sha256(_salt(payload[end + len(ending) : -1]) + body).hexdigest().encode() != entry[_DIGEST]:
                yield self._finding(Damage.EDITED, index, "its body is not the one that was logged")
                return
            chunk.append(_sha256(b"\x00" + entry).digest())
            index += 1
            if len(chunk) == TILE_WIDTH:
                self.roots.add(chunk)
                chunk = []
        self.roots.add(chunk)
        if index < self.manifest.proof.start + self.manifest.count:
            yield self._finding(Damage.TAIL_CUT, index, "it and all behind it are gone")
        elif previous.decode() != self.manifest.last_hash:
            yield self._finding(Damage.FORKED, None, "the last line is not the one that the manifest names")

    def _named(self, index: int, previous: bytes, line: bytes, rest: BinaryIO) -> Finding:
        """Say what is wrong with a line that does not follow from the one before."""
        claimed = _member(line, "index")
        if isinstance(claimed, int) and claimed != index:
            return self._misplaced(index, line, rest)
        own = _top(line, "prev_hash")
        if own != previous.decode() and _is_chained(line, own):
            return self._finding(Damage.SPLICED, index, "it continues another export or log")
        return self._finding(Damage.EDITED, index, "it is not the one that was exported")

    def _misplaced(self, index: int, line: bytes, rest: BinaryIO) -> Finding:
        claimed = _member(line, "index")
        if not isinstance(claimed, int):
            return self._finding(Damage.MALFORMED, index, "it is not written as exports are")
        if claimed < index:
            return self._finding(Damage.INSERTED, claimed, "two lines have this place")
        if any(_member(other, "index") == index for other in rest):
            return self._finding(Damage.SWAPPED, index, f"it has changed places with entry {claimed}")
        return self._finding(Damage.DELETED, index, "it is gone")

    def _finding(self, damage: Damage, index: int | None, text: str) -> Finding:
        return Finding(damage=damage, origin=self.origin, index=index, text=text)


def _against_checkpoints(reading: _Lines, checkpoint: Checkpoint, kept: Sequence[Checkpoint]) -> Iterator[Finding]:
    def finding(damage: Damage, text: str) -> Finding:
        return Finding(damage=damage, origin=checkpoint.origin, index=None, text=text)

    try:
        root = reading.manifest.proof.closed(reading.roots.running, checkpoint.size)
    except ProofError as error:
        yield finding(Damage.FORKED, str(error))
        return
    if root != checkpoint.root:
        yield finding(Damage.FORKED, f"its entries are not those of the checkpoint of {checkpoint.size} entries")
        return
    yield from contradictions(checkpoint, kept)
    if reading.roots.forked is not None and reading.roots.forked.size < checkpoint.size:
        yield finding(Damage.FORKED, f"its first {reading.roots.forked.size} entries are not those that were kept")


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


def _is_chained(line: bytes, previous: object) -> bool:
    """Tell whether a line follows from what it says it follows from."""
    if not isinstance(previous, str):
        return False
    payload = line[len(_START) : -(len(previous) + _HEX + 27)]
    return _top(line, "hash") == _sha256(previous.encode() + payload).hexdigest()


def _top(line: bytes, member: str) -> JsonValue:
    try:
        value = parse(line)
    except JsonParseError:
        return None
    return value.get(member) if isinstance(value, dict) else None


def _member(line: bytes, member: str) -> JsonValue:
    payload = _top(line, "payload")
    return payload.get(member) if isinstance(payload, dict) else None


def _text_entry(entry: bytes) -> bytes:
    """Return the entry of a root log, which is exported as a string."""
    try:
        value = parse(entry)
    except JsonParseError:
        return entry
    return value.encode() if isinstance(value, str) else entry


def _salt(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text[1:-1].decode())
    except ValueError:
        return b""


def _nodes(texts: Sequence[JsonValue]) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(str(text), validate=True) for text in texts)
