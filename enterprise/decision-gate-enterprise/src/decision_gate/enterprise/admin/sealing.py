"""Sealing what must be read again later but not by whoever has the database: AES-256-GCM under a key kept elsewhere."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Sealer:
    """Seals texts. What is sealed for one purpose cannot be opened for another, so no row can pass for another."""

    def __init__(self, secret: str) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=b"decision-gate admin sealing v1").derive(secret.encode())
        self._cipher = AESGCM(derived)

    def seal(self, text: str, purpose: bytes) -> bytes:
        """Return *text* sealed."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), purpose)

    def open(self, sealed: bytes, purpose: bytes) -> str | None:
        """Return what was sealed; none when the key has changed since, or somebody changed the bytes."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose).decode()
        except (InvalidTag, ValueError):
            return None
