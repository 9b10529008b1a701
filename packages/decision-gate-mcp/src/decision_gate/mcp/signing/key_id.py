"""The name of a key: the SHA-256 of its public half, which anyone who holds the public file can recompute."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def key_id(key: EllipticCurvePublicKey) -> str:
    """Return the hexadecimal SHA-256 of the DER form (SubjectPublicKeyInfo) of *key*.

    The same as ``openssl pkey -pubin -in key.pub.pem -outform DER | sha256sum``.
    """
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
