"""Sign the statement about a run pack, and check such signatures: DSSE envelopes (protocol 1.0.2).

Keys live outside: a host brings a ``Signer`` and a ``SignatureVerifier``. A signature counts only under a key that
the reader pinned; the key that a pack brings along proves nothing.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final, Protocol

import attrs

from decision_gate.core.json import JsonParseError, canonical, parse
from decision_gate.core.runpack.errors import InvalidAttestationError
from decision_gate.core.runpack.statement import (
    FAILED,
    PASSED,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    may_pass,
    run_uri,
    scenario_uri,
)
from decision_gate.core.runpack.verify import Inspection

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
MAX_ENVELOPE_BYTES: Final = 16_777_216
"""Largest attestation that is read."""

SIGNER_NOT_CHECKED: Final = "intact, signer not checked"
"""What is said of a sound attestation while no key is pinned; never that it passed."""


class Signer(Protocol):
    """A private key, wherever it is."""

    @property
    def key_id(self) -> str:
        """Name of the key: the hexadecimal SHA-256 of its public key in DER (SubjectPublicKeyInfo)."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature of *message*.

        Raises:
            StoreError: The key cannot be used now.
        """
        ...


class SignatureVerifier(Protocol):
    """The public keys that a reader trusts."""

    def verify(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Tell whether *signature* was made by the pinned key *key_id*; an unknown key is no."""
        ...


@attrs.frozen(kw_only=True)
class Signature:
    """One signature of an envelope."""

    key_id: str
    value: bytes


@attrs.frozen(kw_only=True)
class Envelope:
    """A DSSE envelope; ``payload`` is what was signed, byte for byte."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]


@attrs.frozen(kw_only=True)
class AttestationReport:
    """What an attestation is worth.

    ``key_id`` is the pinned key that signed it, none when no key was pinned or none of them signed. ``result`` is
    what the statement says, ``PASSED`` or ``FAILED``, none when it says neither.
    """

    problems: tuple[str, ...]
    key_id: str | None = None
    result: str | None = None

    @property
    def is_trusted(self) -> bool:
        """Whether a pinned key vouches for what the statement says of exactly this pack."""
        return not self.problems and self.key_id is not None

    @property
    def is_passed(self) -> bool:
        """Whether a pinned key vouches that exactly this pack passed."""
        return self.is_trusted and self.result == PASSED


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign_statement(statement: bytes, signers: Sequence[Signer]) -> bytes:
    """Return the envelope file that holds *statement* and one signature of each of *signers*."""
    message = pae(PAYLOAD_TYPE, statement)
    signatures = [
        {"keyid": signer.key_id, "sig": base64.b64encode(signer.sign(message)).decode()} for signer in signers
    ]
    return canonical(
        {
            "payload": base64.b64encode(statement).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": signatures,
        }
    )


def read_envelope(stored: bytes) -> Envelope:
    """Return the envelope that a file holds; nothing in it is checked yet.

    Raises:
        InvalidAttestationError: It is too large, or not an envelope.
    """
    if len(stored) > MAX_ENVELOPE_BYTES:
        raise InvalidAttestationError(f"envelope of {len(stored)} bytes (max {MAX_ENVELOPE_BYTES})")
    try:
        document = parse(stored)
    except JsonParseError as error:
        raise InvalidAttestationError("envelope is not JSON") from error
    match document:
        case {"payload": str(payload), "payloadType": str(kind), "signatures": list(signatures)}:
            return Envelope(
                payload_type=kind,
                payload=_decoded(payload),
                signatures=tuple(_signature(each) for each in signatures),
            )
        case _:
            raise InvalidAttestationError("not a DSSE envelope")


def check_attestation(stored: bytes, inspection: Inspection, keys: SignatureVerifier | None) -> AttestationReport:
    """Report whether the envelope file *stored* speaks of exactly the inspected pack, and who signed it.

    Without *keys* the signer is not checked (``SIGNER_NOT_CHECKED``). With them, one signature of a pinned key is
    enough, and none is a problem.

    Raises:
        InvalidAttestationError: *stored* is not an envelope with a verification summary.
    """
    envelope = read_envelope(stored)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise InvalidAttestationError("envelope holds no in-toto statement")
    key_id = None if keys is None else _signing_key(envelope, keys)
    problems = ["no signature of a pinned key"] if keys is not None and key_id is None else []
    try:
        statement: Any = parse(envelope.payload)
        problems += _statement_problems(statement, inspection)
        result = statement["predicate"]["verificationResult"]
    except (JsonParseError, KeyError, TypeError) as error:
        raise InvalidAttestationError("statement is not a verification summary") from error
    if result not in (PASSED, FAILED):
        problems.append("statement has no verification result")
        result = None
    if result == PASSED and not may_pass(inspection):
        problems.append("statement says that the pack passed, which it does not")
    return AttestationReport(problems=tuple(problems), key_id=key_id, result=result)


def _statement_problems(statement: Any, inspection: Inspection) -> list[str]:  # noqa: ANN401 - a parsed document
    """Compare a statement with the pack it should speak of.

    Raises:
        KeyError: It is no verification summary; so does ``TypeError``.
    """
    manifest = inspection.manifest
    predicate = statement["predicate"]
    policy = predicate["policy"]
    named = [(str(each["name"]), str(each["digest"]["sha256"])) for each in statement["subject"]]
    problems = []
    if statement["_type"] != STATEMENT_TYPE or statement["predicateType"] != PREDICATE_TYPE:
        problems.append("statement is of another type")
    if not _names_exactly(named, inspection):
        problems.append("statement speaks of other files")
    if predicate["resourceUri"] != run_uri(manifest):
        problems.append("statement speaks of another run")
    if policy["uri"] != scenario_uri(manifest) or policy["digest"]["sha256"] != manifest.spec_hash.value:
        problems.append("statement speaks of another scenario")
    return problems


def _names_exactly(named: list[tuple[str, str]], inspection: Inspection) -> bool:
    """Tell whether the subjects are the files of the pack and its manifest, which may have any name."""
    files = inspection.files.items()
    others = [digest for name, digest in named if (name, digest) not in files]
    return others == [inspection.manifest_sha256] and len(set(named)) == len(named) == len(files) + 1


def _signing_key(envelope: Envelope, keys: SignatureVerifier) -> str | None:
    message = pae(envelope.payload_type, envelope.payload)
    for signature in envelope.signatures:
        if keys.verify(signature.key_id, message, signature.value):
            return signature.key_id
    return None


def _signature(entry: object) -> Signature:
    match entry:
        case {"keyid": str(key_id), "sig": str(value)}:
            return Signature(key_id=key_id, value=_decoded(value))
        case _:
            raise InvalidAttestationError("a signature is not one")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidAttestationError("not base64") from error
