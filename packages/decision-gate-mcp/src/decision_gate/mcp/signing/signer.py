"""Sign with a private key from a file: ECDSA over P-256 with SHA-256, as ``openssl`` and sigstore read it."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from decision_gate.mcp.signing.errors import KeyFileError
from decision_gate.mcp.signing.key_id import key_id


class KeyFileSigner:
    """A ``Signer`` over one private key in memory."""

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key = key
        self._key_id = key_id(key.public_key())

    @classmethod
    def load(cls, path: Path) -> "KeyFileSigner":
        """Read a private key: PEM, PKCS #8, P-256, without a password.

        Raises:
            KeyFileError: The file cannot be read or holds something else.
        """
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise KeyFileError(path, error.strerror or "cannot be read") from error
        except TypeError as error:
            raise KeyFileError(path, "is encrypted; keys with a password are not supported") from error
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyFileError(path, "holds no private key in PEM") from error
        if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
            raise KeyFileError(path, "holds a key of another kind, expected ECDSA P-256")
        return cls(key)

    @property
    def key_id(self) -> str:
        """Name of the key; see ``Signer``."""
        return self._key_id

    def sign(self, message: bytes) -> bytes:
        """Return the signature of *message* in DER."""
        return self._key.sign(message, ECDSA(SHA256()))
