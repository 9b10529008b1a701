"""Make a key pair in two files (``decision-gate key new``)."""

import os
from pathlib import Path
from typing import Final

import attrs
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from decision_gate.mcp.signing.errors import KeyFileError
from decision_gate.mcp.signing.key_id import key_id

_PRIVATE_MODE: Final = 0o600
_PUBLIC_MODE: Final = 0o644


@attrs.frozen(kw_only=True)
class NewKey:
    """A key pair that was just written."""

    key_id: str
    private_path: Path
    public_path: Path


def new_key(private_path: Path) -> NewKey:
    """Write a new private key and, beside it, its public half as ``<name>.pub.pem``.

    The private file is readable by its owner only. Neither file may exist: a key that is replaced is a key whose
    signatures nobody can check any more.

    Raises:
        KeyFileError: A file exists or cannot be written.
    """
    public_path = private_path.with_name(f"{private_path.name.removesuffix('.pem')}.pub.pem")
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if public_path.exists():
        raise KeyFileError(public_path, "exists")
    _write_new(private_path, private, _PRIVATE_MODE)
    _write_new(public_path, public, _PUBLIC_MODE)
    return NewKey(key_id=key_id(key.public_key()), private_path=private_path, public_path=public_path)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise KeyFileError(path, "exists" if isinstance(error, FileExistsError) else "cannot be written") from error
