"""The work of ``cloud bootstrap`` on files: a configuration and keys, none of which is ever overwritten.

A bootstrap that was killed is run again: what is there stays, what is missing is made.
"""

import os
import secrets
from importlib.resources import files
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from decision_gate.enterprise.cli.deployment import CONFIG_NAME

DEFAULT_ORIGIN: Final = "decision-gate.localhost"
_FOLDERS: Final = ("keys", "evidence", "runpacks", "snapshots")


def lay_out(folder: Path, origin: str) -> tuple[Path, ...]:
    """Make what is missing of a deployment below *folder*; return the files that were made.

    *origin* names the deployment in its signed checkpoints.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _FOLDERS:
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    template = (files("decision_gate.enterprise.cli") / CONFIG_NAME).read_text(encoding="utf-8")
    # The configuration comes last: where it is, everything that it names is.
    made = {
        folder / "keys" / "sealing.key": f"{secrets.token_urlsafe(32)}\n".encode(),
        folder / "keys" / "audit.pem": _signing_key(),
        folder / CONFIG_NAME: template.format(origin=origin).encode(),
    }
    return tuple(path for path, content in made.items() if _write_new(path, content))


def _signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_new(path: Path, content: bytes) -> bool:
    """Write a file for its owner alone, whole or not at all; false when it is there already."""
    if path.exists():
        return False
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(made, path)
    except FileExistsError:
        return False
    finally:
        made.unlink()
    return True
