"""Take a provider's evidence only when a configured key signed it (contract §7.7, ``trust.require_signature``).

What is signed is the canonical JSON of the evidence hash record, with Ed25519. The keys are named by the path strings
of the configuration, compared as they are written.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from decision_gate.core.codec import canonical_record
from decision_gate.core.engine import hashed
from decision_gate.core.errors import ConfigurationError
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult
from decision_gate.core.ports.evidence import EvidenceProvider, EvidenceProviderFailureError

SCHEME: Final = "ed25519"
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
MAX_KEY_FILE_BYTES: Final = 8192

# The vertical coordinates of all points whose order divides eight, in canonical and other spellings, without the bit
# of the sign. Under such a key anybody can sign anything, and OpenSSL takes it.
_SMALL_ORDERS: Final = frozenset(
    bytes.fromhex(point)
    for point in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


class EvidenceKeyError(ConfigurationError):
    """A public key of ``require_signature`` cannot be had or is none."""

    code: ClassVar[str] = "evidence_key"

    def __init__(self, reason: str, path: str) -> None:
        super().__init__(f"init error: evidence provider error: {reason}: {path}")
        self.path = path


def evidence_keys(paths: Iterable[str]) -> dict[str, Ed25519PublicKey]:
    """Read public keys by the text that names them: 32 raw bytes, else base64 of them.

    Raises:
        EvidenceKeyError: A file cannot be read or holds no such key.
    """
    return {path: _key(path) for path in paths}


@attrs.frozen(kw_only=True)
class SignedProvider:
    """A provider whose every answer must carry a signature; an error has no value to sign, so it is refused too.

    Attributes:
        provider: Who is asked.
        keys: The only keys that count, by name. None of them means that nothing is taken.
    """

    provider: EvidenceProvider
    keys: Mapping[str, Ed25519PublicKey]

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Ask, and return the answer once its signature is verified.

        Raises:
            EvidenceProviderFailureError: The provider cannot answer, or its answer is not signed as it must be; the
                order of the checks is contract §7.7.
        """
        result = self.provider.query(query, context)
        signature = result.signature
        if signature is None:
            raise EvidenceProviderFailureError("missing evidence signature")
        if signature.scheme != SCHEME:
            raise EvidenceProviderFailureError("unsupported signature scheme")
        key = self.keys.get(signature.key_id)
        if key is None:
            raise EvidenceProviderFailureError("signature key not authorized")
        message = _message(result)
        if len(signature.signature) != SIGNATURE_BYTES:
            raise EvidenceProviderFailureError("invalid signature bytes")
        if has_small_order(key.public_bytes_raw()) or has_small_order(signature.signature[:KEY_BYTES]):
            raise EvidenceProviderFailureError("signature verification failed")
        try:
            key.verify(signature.signature, message)
        except InvalidSignature:
            raise EvidenceProviderFailureError("signature verification failed") from None
        return result


def has_small_order(point: bytes) -> bool:
    """Tell whether an encoded point is one that strict verification (contract §7.7) takes neither as key nor as R."""
    return bytes((*point[:-1], point[-1] & 0x7F)) in _SMALL_ORDERS


def _message(result: EvidenceResult) -> bytes:
    """Return what must be signed: the hash of the value that came, never one that the provider only claims."""
    if result.value is None:
        raise EvidenceProviderFailureError("missing evidence hash for signature verification")
    computed = hashed(attrs.evolve(result, evidence_hash=None)).evidence_hash
    if result.evidence_hash is not None and result.evidence_hash != computed:
        raise EvidenceProviderFailureError("evidence hash mismatch")
    return canonical_record(computed)


def _key(path: str) -> Ed25519PublicKey:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a path object would tidy the operator's text
            raw = file.read(MAX_KEY_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise EvidenceKeyError("unable to read public key", path) from error
    if len(raw) != KEY_BYTES:
        raw = _from_base64(raw, path)
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise EvidenceKeyError("invalid ed25519 public key", path) from error


def _from_base64(raw: bytes, path: str) -> bytes:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceKeyError("public key must be utf-8", path) from error
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise EvidenceKeyError("invalid base64 public key", path) from error
