"""SHA-256, the only hash of the contract, over bytes and over canonical JSON (contract §7)."""

import hashlib

from decision_gate.core.json import canonical


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of bytes as 64 lowercase hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def hash_json(value: object) -> str:
    """Return the SHA-256 of the canonical bytes of a value, never of the text it came in.

    Raises:
        CanonicalJsonError: The value has no canonical JSON.
    """
    return sha256_hex(canonical(value))
