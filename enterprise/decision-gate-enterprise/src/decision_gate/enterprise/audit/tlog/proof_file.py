"""Proof files (c2sp.org/tlog-proof): that an entry stands in a log, checked without the log and without a network."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

import attrs

from decision_gate.enterprise.audit.tlog.checkpoint import Checkpoint, open_checkpoint
from decision_gate.enterprise.audit.tlog.errors import LogFormatError
from decision_gate.enterprise.audit.tlog.merkle import leaf_hash
from decision_gate.enterprise.audit.tlog.note import MAX_NOTE_BYTES, LogVerifier
from decision_gate.enterprise.audit.tlog.proofs import verify_inclusion
from decision_gate.enterprise.audit.tlog.tree import Tree

_MAGIC: Final = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
_MAX_STEPS: Final = 63


@attrs.frozen(kw_only=True)
class LogProof:
    """One proof.

    Attributes:
        index: Place of the entry.
        path: Hashes from the sibling of its leaf up.
        note: The signed checkpoint.
        entry: The entry itself, which the format calls ``extra``; it is proved, not believed.
    """

    index: int
    path: tuple[bytes, ...]
    note: str
    entry: bytes

    def text(self) -> str:
        """Return the file."""
        path = "".join(f"{base64.b64encode(step).decode()}\n" for step in self.path)
        extra = base64.b64encode(self.entry).decode()
        return f"{_MAGIC}\nextra {extra}\nindex {self.index}\n{path}\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> "LogProof":
        """Read a file. Raise ``LogFormatError`` when it is no proof with its entry inside."""
        head, blank, note = text[:MAX_NOTE_BYTES].partition("\n\n")
        magic, *lines = head.split("\n")
        if magic != _MAGIC or not blank or not lines or not lines[0].startswith("extra "):
            raise LogFormatError("not a tlog-proof file with its entry")
        index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
        if index is None or len(lines) > 2 + _MAX_STEPS:
            raise LogFormatError("a tlog-proof file has one index line and at most 63 hashes")
        try:
            entry = base64.b64decode(lines[0].removeprefix("extra "), validate=True)
            path = tuple(base64.b64decode(line, validate=True) for line in lines[2:])
        except (binascii.Error, ValueError) as error:
            raise LogFormatError("a tlog-proof file holds something that is not base64") from error
        return cls(index=int(index[1]), path=path, note=note, entry=entry)

    def verify(self, verifiers: Sequence[LogVerifier]) -> Checkpoint:
        """Check signature and path, and return the checkpoint under which the entry is proved.

        Raises:
            UntrustedNoteError: No key of *verifiers* signed the checkpoint.
            ProofError: The entry is not shown to be in the log.
        """
        checkpoint = open_checkpoint(self.note, verifiers)
        verify_inclusion(self.index, checkpoint.size, leaf_hash(self.entry), self.path, checkpoint.root)
        return checkpoint


def prove_entry(tree: Tree, index: int, entry: bytes, size: int, note: str) -> LogProof:
    """Return the proof that *entry* is number *index* under the checkpoint *note* of a log of *size* entries.

    Raises:
        ProofError: There is no such entry at that size.
        TileMissingError: A tile is not there.
    """
    return LogProof(index=index, path=tree.inclusion(index, size), note=note, entry=entry)
