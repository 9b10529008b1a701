"""Answers that are given again when a request comes again with the same idempotency key."""

import hashlib
from importlib.resources import files
from typing import Final

import attrs

from decision_gate.core.json import JsonValue, canonical, parse
from decision_gate.enterprise.admin.errors import AdminInvalidError, IdempotencyConflictError
from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.enterprise.stores.postgres.keys import text
from decision_gate.enterprise.tenancy.tables import SqliteTables
from decision_gate.enterprise.transactions import Transaction

ADMIN: Final = "admin"
MAX_KEY_LENGTH: Final = 255
SECRET_KEPT_MS: Final = 24 * 60 * 60 * 1000
"""How long a repeated request is told the secret again; who lost it later rotates the key."""

_SQLITE: Final = (
    """
    CREATE TABLE admin_requests (
        actor BLOB NOT NULL, key_sha256 BLOB NOT NULL, request_sha256 BLOB NOT NULL, answer BLOB NOT NULL,
        sealed BLOB, created_at INTEGER NOT NULL, PRIMARY KEY (actor, key_sha256)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX admin_requests_sealed ON admin_requests (created_at) WHERE sealed IS NOT NULL",
)


@attrs.frozen(kw_only=True)
class Repeatable:
    """A request that may come again: whose it is, by which key, and what it says."""

    actor_id: str
    key: str = attrs.field(repr=False)
    request: JsonValue

    def __attrs_post_init__(self) -> None:
        if not (1 <= len(self.key) <= MAX_KEY_LENGTH and self.key.isascii() and self.key.isprintable()):
            raise AdminInvalidError(f"idempotency key: expected 1 to {MAX_KEY_LENGTH} printable ascii characters")

    @property
    def columns(self) -> tuple[bytes, bytes]:
        """Actor and digest of the key, as the table has them."""
        return text(self.actor_id), hashlib.sha256(self.key.encode()).digest()

    @property
    def request_sha256(self) -> bytes:
        """Digest of what it says."""
        return hashlib.sha256(canonical(self.request)).digest()


@attrs.frozen(kw_only=True)
class Given:
    """An answer that was given; ``sealed`` is its secret, none when it had none or it is forgotten."""

    answer: JsonValue
    sealed: bytes | None


def admin_tables() -> tuple[Family, SqliteTables]:
    """Return the table of answers, for each engine."""
    family = read_family(ADMIN, files("decision_gate.enterprise.admin") / "migrations")
    return family, SqliteTables(kind=ADMIN, migrations=(_SQLITE,))


def given_before(transaction: Transaction, repeatable: Repeatable, at_ms: int) -> Given | None:
    """Return the answer that this request got before; forgets secrets that are too old.

    Raises:
        IdempotencyConflictError: Its key came with another request.
    """
    transaction.write(
        "UPDATE decision_gate.admin_requests SET sealed = NULL WHERE sealed IS NOT NULL AND created_at < ?",
        at_ms - SECRET_KEPT_MS,
    )
    rows = transaction.rows(
        "SELECT request_sha256, answer, sealed FROM decision_gate.admin_requests WHERE actor = ? AND key_sha256 = ?",
        *repeatable.columns,
    )
    if not rows:
        return None
    request_sha256, answer, sealed = rows[0]
    if request_sha256 != repeatable.request_sha256:
        raise IdempotencyConflictError
    return Given(answer=parse(answer), sealed=sealed)


def keep_given(transaction: Transaction, repeatable: Repeatable, given: Given, at_ms: int) -> None:
    """Keep the answer that is about to be given."""
    transaction.write(
        "INSERT INTO decision_gate.admin_requests (actor, key_sha256, request_sha256, answer, sealed, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        *(*repeatable.columns, repeatable.request_sha256, canonical(given.answer), given.sealed, at_ms),
    )
