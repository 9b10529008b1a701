"""The public keys that this reader trusts, from files."""

from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from decision_gate.mcp.signing.errors import KeyFileError
from decision_gate.mcp.signing.key_id import key_id


class PinnedKeys:
    """A ``SignatureVerifier`` over public keys, found by their names."""

    def __init__(self, keys: Iterable[EllipticCurvePublicKey]) -> None:
        self._keys = {key_id(key): key for key in keys}

    @classmethod
    def load(cls, paths: Iterable[Path]) -> "PinnedKeys":
        """Read public keys: PEM, SubjectPublicKeyInfo, P-256, one a file.

        Raises:
            KeyFileError: A file cannot be read or holds something else.
        """
        return cls([_public_key(path) for path in paths])

    def verify(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Tell whether *signature* was made by the pinned key *key_id*; see ``SignatureVerifier``."""
        key = self._keys.get(key_id)
        if key is None:
            return False
        try:
            key.verify(signature, message, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


def _public_key(path: Path) -> EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise KeyFileError(path, error.strerror or "cannot be read") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError(path, "holds no public key in PEM") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise KeyFileError(path, "holds a key of another kind, expected ECDSA P-256")
    return key
