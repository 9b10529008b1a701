"""One event as a leaf: a small entry that is kept for ever, and a body that may be erased.

The entry is what the tree binds. It says which kind of thing happened, when, in whose log and with which outcome, for a
decision also to which commit of which run, for an exported run pack its root hash, and holds ``sha256(salt ‖ body)`` of
the whole event. It names no person. Once salt and body are erased, nothing in the entry lets anybody find out or
confirm what the body said.
"""

import hashlib
import hmac
from enum import StrEnum
from typing import Final

import attrs

from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.ports import Rider
from decision_gate.enterprise.audit.tlog.tiles import demand_entry_size

AUDIT = "audit"
"""Kind of the riders of this sink."""

DEPLOYMENT: Final = 0
"""Number in place of a tenant's for the events that belong to none; tenant numbers start at 1."""

RUN_COMMIT: Final = "run_commit"
"""The event of a commit to a run; its entry names the commit by the head of the run's own chain."""

RUNPACK_EXPORTED: Final = "runpack_exported"
"""The event of an exported run pack; its entry names the state of the run that it shows, and the root hash."""

ROOT_HASH: Final = "root_hash"
"""Member of the entry of an exported run pack."""

ENTRY_VERSION: Final = 1
BODY_MEMBER: Final = b'{"body":"'
"""How every entry with a body begins: the digest is its first member, and its 64 hexadecimal digits follow."""

LOG_BYTES: Final = 8
"""Length of the key of a log that events belong to."""

_SALT_BYTES: Final = 32
_LENGTH_BYTES: Final = 2


class EventClass(StrEnum):
    """What a retention period is set for."""

    DECISION = "decision"
    DENIAL = "denial"
    DEFINITION = "definition"
    CALL = "call"
    ADMINISTRATION = "administration"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class AuditLeaf:
    """A leaf on its way into the log *log* (see ``logs``). *key* makes it unique there until its body is erased."""

    log: bytes
    key: bytes
    salt: bytes
    entry: bytes
    body: bytes


@attrs.frozen(kw_only=True)
class Told:
    """What the entry of an event says in the open.

    *run* is namespace, run, version and digest of a commit; *root_hash* that of a run pack which shows the run there.
    """

    event: str
    event_class: EventClass
    tenant_id: int
    at_ms: int
    is_denial: bool = False
    run: dict[str, JsonValue] | None = None
    root_hash: JsonValue = None


@attrs.frozen
class Sealer:
    """Makes leaves. *secret* is random, known to this process only, and gone with it.

    Salts are derived from it and not drawn, so that one event always makes one leaf; nobody else can derive them.
    """

    _secret: bytes = attrs.field(repr=False)

    def seal(self, told: Told, body: bytes) -> AuditLeaf:
        """Return the leaf of an event. Raise ``EntrySizeError`` when its entry is too long for the log."""
        salt = hmac.digest(self._secret, body, "sha256")
        # INVARIANT: no member sorts before "body" (BODY_MEMBER).
        members: dict[str, JsonValue] = {
            "body": hashlib.sha256(salt + body).hexdigest(),
            "class": told.event_class.value,
            "event": told.event,
            "outcome": "denied" if told.is_denial else "done",
            "tenant": str(told.tenant_id),
            "time": told.at_ms,
            "v": ENTRY_VERSION,
        }
        if told.run is not None:
            members["run"] = told.run
        if told.root_hash is not None:
            members[ROOT_HASH] = told.root_hash
        entry = canonical(members)
        demand_entry_size(entry)
        return AuditLeaf(
            log=told.tenant_id.to_bytes(LOG_BYTES, "big"),
            key=hashlib.sha256(body).digest(),
            salt=salt,
            entry=entry,
            body=body,
        )


def leaf_rider(leaf: AuditLeaf) -> Rider:
    """Return the rider that hands *leaf* to the outbox of a store."""
    length = len(leaf.entry).to_bytes(_LENGTH_BYTES, "big")
    return Rider(kind=AUDIT, key=leaf.key.hex(), body=leaf.log + leaf.salt + length + leaf.entry + leaf.body)


def ridden_log(body: bytes) -> bytes:
    """Return the log that the body of a rider belongs to; what follows is for ``ridden_leaf``."""
    return body[:LOG_BYTES]


def ridden_leaf(log: bytes, key: bytes, packed: bytes) -> AuditLeaf:
    """Return the leaf of a rider whose body, behind the log, is *packed*.

    It never fails: whatever somebody wrote into the outbox by hand gets a place, and nothing waits behind it for ever.
    """
    salt, rest = packed[:_SALT_BYTES], packed[_SALT_BYTES:]
    length = int.from_bytes(rest[:_LENGTH_BYTES], "big")
    entry, body = rest[_LENGTH_BYTES : _LENGTH_BYTES + length], rest[_LENGTH_BYTES + length :]
    return AuditLeaf(log=log, key=key, salt=salt, entry=entry, body=body)


def binds_body(entry: bytes, salt: bytes, body: bytes) -> bool:
    """Tell whether *entry* holds the digest of *body*."""
    return entry.startswith(BODY_MEMBER + hashlib.sha256(salt + body).hexdigest().encode())


def run_subject(namespace_id: int, run_id: str) -> bytes:
    """Return what the entries of a run are found by within a tenant's log."""
    return hashlib.sha256(namespace_id.to_bytes(LOG_BYTES, "big") + run_id.encode()).digest()
