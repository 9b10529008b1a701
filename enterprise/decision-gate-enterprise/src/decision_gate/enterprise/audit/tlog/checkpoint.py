"""Checkpoints (c2sp.org/tlog-checkpoint): whose log it is, how long, and its root, as a signed note."""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence

import attrs

from decision_gate.enterprise.audit.tlog.errors import LogFormatError, UntrustedNoteError
from decision_gate.enterprise.audit.tlog.merkle import HASH_BYTES
from decision_gate.enterprise.audit.tlog.note import LogSigner, LogVerifier, open_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@attrs.frozen(kw_only=True)
class Checkpoint:
    """A log at one moment. *origin* is its only identity: nothing else tells one log from another."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read exactly what ``text`` writes; extension lines are refused, because ours has none.

        Raises:
            LogFormatError: It is no checkpoint.
        """
        origin, _, rest = text.partition("\n")
        size, _, root = rest.partition("\n")
        try:
            raw = base64.b64decode(root.removesuffix("\n"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise LogFormatError("a checkpoint has no root") from error
        if not origin or not _SIZE.fullmatch(size) or len(raw) != HASH_BYTES:
            raise LogFormatError("a checkpoint is three lines: origin, size and root")
        read = cls(origin=origin, size=int(size), root=raw)
        if read.text() != text:
            raise LogFormatError("a checkpoint is three lines: origin, size and root")
        return read


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[LogSigner]) -> str:
    """Return the note of a checkpoint; each signer's name is its origin."""
    return sign_note(checkpoint.text(), signers)


def open_checkpoint(note: str, verifiers: Sequence[LogVerifier]) -> Checkpoint:
    """Return the checkpoint of a note that a key of *verifiers* signed for the checkpoint's own log.

    Raises:
        LogFormatError: It is no checkpoint.
        UntrustedNoteError: No such key signed it.
    """
    text, signed = open_note(note, verifiers)
    checkpoint = Checkpoint.parse(text)
    # A key of one log says nothing about another, even where one operator holds both.
    if all(verifier.name != checkpoint.origin for verifier in signed):
        raise UntrustedNoteError(f"the checkpoint of {checkpoint.origin} is signed for another log")
    return checkpoint
