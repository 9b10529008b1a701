"""Which logs there are, what they are called, and whose keys sign them.

A log has a key in the database (eight bytes of its tenant's number, ``ROOT`` for the log over all logs) and an origin
in the world: ``<deployment>/t/<tenant>``, ``<deployment>/deployment``, ``<deployment>/root``.
"""

import hashlib
from typing import Final

import attrs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from decision_gate.enterprise.audit.errors import SequencingSettingsError
from decision_gate.enterprise.audit.leaf import DEPLOYMENT
from decision_gate.enterprise.audit.tlog import Checkpoint, LogFormatError
from decision_gate.enterprise.audit.tlog.note import LogSigner, LogVerifier, is_key_name

ROOT: Final = b"root"
"""Key of the log whose entries are the checkpoints of all others: so the end of a whole log is seen too."""

MAX_DEPLOYMENT_BYTES: Final = 200
_TENANT_BYTES: Final = 8


def tenant_log(tenant_id: int) -> bytes:
    """Return the key of a tenant's log; ``DEPLOYMENT`` for that of the deployment."""
    return tenant_id.to_bytes(_TENANT_BYTES, "big")


def origin_subject(origin: str) -> bytes:
    """Return what the checkpoints of one log are found by in the root log."""
    return hashlib.sha256(origin.encode()).digest()


def told_checkpoint(entry: bytes) -> Checkpoint | None:
    """Return the checkpoint that an entry of the root log is, none when somebody put something else there."""
    try:
        return Checkpoint.parse(entry.decode(errors="replace"))
    except LogFormatError:
        return None


@attrs.frozen(kw_only=True)
class LogNames:
    """The names of a deployment's logs, and the public keys that sign them."""

    deployment: str
    public_keys: tuple[bytes, ...]

    def __attrs_post_init__(self) -> None:
        """Refuse a name that cannot stand in notes. Raise ``SequencingSettingsError``."""
        if not is_key_name(self.deployment) or len(self.deployment.encode()) > MAX_DEPLOYMENT_BYTES:
            raise SequencingSettingsError(
                "origin names the deployment like a web address without a scheme, such as audit.example.org"
            )

    def origin(self, log: bytes) -> str:
        """Return what the world calls a log."""
        if log == ROOT:
            return f"{self.deployment}/root"
        number = int.from_bytes(log, "big")
        return f"{self.deployment}/deployment" if number == DEPLOYMENT else f"{self.deployment}/t/{number}"

    def verifiers(self, log: bytes) -> tuple[LogVerifier, ...]:
        """Return the public keys under the name of a log."""
        return tuple(LogVerifier(name=self.origin(log), public_key=key) for key in self.public_keys)


@attrs.frozen(kw_only=True)
class LogKeys:
    """The private keys of a deployment; all sign, so that a new one is known before an old one goes.

    *retired* are public keys that signed before: what they signed still counts.
    """

    deployment: str
    keys: tuple[Ed25519PrivateKey, ...] = attrs.field(repr=False)
    retired: tuple[bytes, ...] = ()

    @property
    def names(self) -> LogNames:
        """Return the public part."""
        raw = tuple(key.public_key().public_bytes_raw() for key in self.keys)
        return LogNames(deployment=self.deployment, public_keys=raw + self.retired)

    def signers(self, log: bytes) -> tuple[LogSigner, ...]:
        """Return the keys under the name of a log."""
        name = self.names.origin(log)
        return tuple(LogSigner(name=name, key=key) for key in self.keys)
