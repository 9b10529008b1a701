"""Signed notes (c2sp.org/signed-note) with Ed25519, which ``golang.org/x/mod/sumdb/note`` reads too.

A note is text and signature lines. A reader looks at a text only after a key that it trusts has signed it; lines of
keys that it does not know say nothing and are passed over.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from decision_gate.enterprise.audit.tlog.errors import LogFormatError, SigningKeyError, UntrustedNoteError

MAX_NOTE_BYTES: Final = 1 << 20
_MAX_SIGNATURES: Final = 100
_ED25519: Final = b"\x01"
_KEY_BYTES: Final = 32
_KEY_ID_BYTES: Final = 4
_DASH: Final = "\N{EM DASH} "


@attrs.frozen(kw_only=True)
class LogVerifier:
    """A public key that a reader trusts, under the name it signs as: the origin of its log."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a signature line names the key."""
        return hashlib.sha256(f"{self.name}\n".encode() + _ED25519 + self.public_key).digest()[:_KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """Return the one line by which the key is passed on: name, id and key, joined by plus signs."""
        return f"{self.name}+{self.key_id.hex()}+{_encoded(_ED25519 + self.public_key)}"

    @classmethod
    def parse(cls, vkey: str) -> "LogVerifier":
        """Read the line that ``vkey`` writes. Raise ``LogFormatError`` when it is none."""
        name, _, rest = vkey.strip().partition("+")
        key_id, _, key = rest.partition("+")
        raw = _decoded(key)
        if not is_key_name(name) or raw[:1] != _ED25519 or len(raw) != 1 + _KEY_BYTES:
            raise LogFormatError("a verifier key has the form name+id+key, with an Ed25519 key")
        verifier = cls(name=name, public_key=raw[1:])
        if verifier.key_id.hex() != key_id:
            raise LogFormatError("a verifier key does not have the id it claims")
        return verifier


@attrs.frozen(kw_only=True)
class LogSigner:
    """A private key that signs as *name*."""

    name: str
    _key: Ed25519PrivateKey = attrs.field(repr=False)

    @property
    def verifier(self) -> LogVerifier:
        """Return the public half."""
        return LogVerifier(name=self.name, public_key=self._key.public_key().public_bytes_raw())

    def line(self, text: str) -> str:
        """Return the signature line for *text*."""
        blob = self.verifier.key_id + self._key.sign(text.encode())
        return f"{_DASH}{self.name} {_encoded(blob)}\n"


def read_signing_key(pem: str) -> Ed25519PrivateKey:
    """Read what ``openssl genpkey -algorithm ed25519`` writes. Raise ``SigningKeyError`` when it is something else."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise SigningKeyError("the key that signs the audit log is not an unencrypted private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError("the key that signs the audit log is not an Ed25519 key")
    return key


def read_public_key(pem: str) -> bytes:
    """Read what ``openssl pkey -pubout`` writes. Raise ``SigningKeyError`` when it is something else."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, TypeError) as error:
        raise SigningKeyError("a retired key of the audit log is not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SigningKeyError("a retired key of the audit log is not an Ed25519 key")
    return key.public_bytes_raw()


def is_key_name(name: str) -> bool:
    """Tell whether *name* can stand in a signature line."""
    return bool(name) and name.isprintable() and "+" not in name and not any(letter.isspace() for letter in name)


def sign_note(text: str, signers: Iterable[LogSigner]) -> str:
    """Return *text*, which ends with a line feed, with a line of each signer behind it."""
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def open_note(note: str, verifiers: Sequence[LogVerifier]) -> tuple[str, tuple[LogVerifier, ...]]:
    """Return the text of a note and who of *verifiers* signed it, at least one.

    Raises:
        LogFormatError: It is no note.
        UntrustedNoteError: Nobody of *verifiers* signed it, or one of their lines is wrong.
    """
    text, lines = _parts(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed: dict[LogVerifier, None] = {}
    for name, blob in lines:
        verifier = known.get((name, blob[:_KEY_ID_BYTES]))
        if verifier is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(verifier.public_key).verify(blob[_KEY_ID_BYTES:], text.encode())
        except (InvalidSignature, ValueError) as error:
            raise UntrustedNoteError(f"the signature of {name} is wrong") from error
        signed[verifier] = None
    if not signed:
        raise UntrustedNoteError("the note is not signed by a key that is trusted here")
    return text, tuple(signed)


def _parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > MAX_NOTE_BYTES or any(letter < " " and letter != "\n" for letter in note):
        raise LogFormatError("a note is at most 1 MiB of text without control characters")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise LogFormatError("a note is text, an empty line and signature lines")
    lines = signatures[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise LogFormatError(f"a note has at most {_MAX_SIGNATURES} signatures")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    name, _, signature = line.removeprefix(_DASH).partition(" ")
    blob = _decoded(signature)
    if not line.startswith(_DASH) or not is_key_name(name) or len(blob) <= _KEY_ID_BYTES:
        raise LogFormatError("a signature line of a note is malformed")
    return name, blob


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LogFormatError("not base64") from error
