"""Rows of API keys."""

from importlib.resources import files
from typing import Any, Final

import attrs

from decision_gate.core.json import canonical, parse
from decision_gate.enterprise.identity.key_text import Environment, prefix_of
from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.enterprise.stores.postgres.keys import number, text
from decision_gate.enterprise.tenancy.people import words_of, words_text
from decision_gate.enterprise.tenancy.tables import SqliteTables
from decision_gate.enterprise.transactions import Reader, Transaction, Transactions

IDENTITY: Final = "identity"

_SQLITE: Final = (
    """
    CREATE TABLE api_keys (
        key_id TEXT PRIMARY KEY, tenant BLOB NOT NULL REFERENCES tenants,
        principal BLOB NOT NULL REFERENCES principals, label TEXT NOT NULL, environment TEXT NOT NULL,
        hash TEXT NOT NULL, is_spanning INTEGER NOT NULL, namespaces TEXT, tools TEXT, created_at INTEGER NOT NULL,
        expires_at INTEGER, revoked_at INTEGER, replaced_by TEXT, last_used_at INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX api_keys_by_tenant ON api_keys (tenant, key_id)",
)
_KEY: Final = (
    "SELECT key_id, tenant, principal, label, environment, hash, is_spanning, namespaces, tools, created_at, "
    "expires_at, revoked_at, replaced_by, last_used_at FROM decision_gate.api_keys"
)


@attrs.frozen(kw_only=True)
class ApiKey:
    """A key as it is kept. Times in Unix milliseconds.

    Attributes:
        key_id: What finds it; part of its text and no secret.
        tenant_id: Tenant that it belongs to and is managed in; its calls are billed there.
        principal_id: Who acts with it.
        label: What people call it.
        environment: What its text says.
        secret_hash: argon2id of its secret.
        is_spanning: Whether it acts in every tenant that its principal has a grant in, not only in its own.
        namespaces: Namespaces that it is narrowed to; none for all.
        tools: Tools that it is narrowed to; none for all.
        created_at: When it was issued.
        expires_at: From when on it is refused; none for never.
        revoked_at: Since when it is refused.
        replaced_by: Id of the key that took its place in a rotation.
        last_used_at: When it was last used, give or take a minute.
    """

    key_id: str
    tenant_id: int
    principal_id: str
    label: str
    environment: Environment
    secret_hash: str = attrs.field(repr=False)
    is_spanning: bool = False
    namespaces: tuple[int, ...] | None = None
    tools: tuple[str, ...] | None = None
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    replaced_by: str | None = None
    last_used_at: int | None = None

    @property
    def prefix(self) -> str:
        """The part of its text that may be shown."""
        return prefix_of(self.environment, self.key_id)

    def refusal(self, at_ms: int) -> str | None:
        """Return why it is refused at a moment, none when it is not."""
        if self.revoked_at is not None:
            return "api key revoked"
        if self.expires_at is not None and at_ms >= self.expires_at:
            return "api key expired"
        return None


def identity_tables() -> tuple[Family, SqliteTables]:
    """Return the tables of keys, for each engine; those of tenancy come before."""
    family = read_family(IDENTITY, files("decision_gate.enterprise.identity") / "migrations")
    return family, SqliteTables(kind=IDENTITY, migrations=(_SQLITE,))


def add_key(transaction: Transaction, key: ApiKey) -> bool:
    """Keep a new key; false when its id is taken."""
    return (
        transaction.write(
            "INSERT INTO decision_gate.api_keys (key_id, tenant, principal, label, environment, hash, is_spanning, "
            "namespaces, tools, created_at, expires_at, revoked_at, replaced_by, last_used_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *(key.key_id, number(key.tenant_id), text(key.principal_id), key.label, key.environment.value),
            *(key.secret_hash, int(key.is_spanning)),
            None if key.namespaces is None else canonical([*sorted(key.namespaces)]).decode(),
            None if key.tools is None else words_text(key.tools),
            *(key.created_at, key.expires_at, key.revoked_at, key.replaced_by, key.last_used_at),
        )
        == 1
    )


def end_key(transaction: Transaction, key: ApiKey) -> None:
    """Keep how a key ends: expiry, revocation, successor."""
    transaction.write(
        "UPDATE decision_gate.api_keys SET expires_at = ?, revoked_at = ?, replaced_by = ? WHERE key_id = ?",
        *(key.expires_at, key.revoked_at, key.replaced_by, key.key_id),
    )


def note_use(database: Transactions, key_id: str, at_ms: int) -> None:
    """Keep when a key was last used; several servers may tell in any order."""
    database.note(
        "UPDATE decision_gate.api_keys SET last_used_at = ? "
        "WHERE key_id = ? AND (last_used_at IS NULL OR last_used_at < ?)",
        *(at_ms, key_id, at_ms),
    )


def find_key(reader: Reader, key_id: str) -> ApiKey | None:
    """Return a key."""
    rows = reader.rows(f"{_KEY} WHERE key_id = ?", key_id)
    return _key(rows[0]) if rows else None


def list_keys(reader: Reader, tenant_id: int, after: str, limit: int) -> list[ApiKey]:
    """Return the keys of a tenant by id, those after the id *after*."""
    rows = reader.rows(
        f"{_KEY} WHERE tenant = ? AND key_id > ? ORDER BY key_id LIMIT ?", number(tenant_id), after, limit
    )
    return [_key(row) for row in rows]


def _numbers_of(column: str) -> tuple[int, ...]:
    found = parse(column)
    return tuple(value for value in found if isinstance(value, int)) if isinstance(found, list) else ()


def _key(row: tuple[Any, ...]) -> ApiKey:
    return ApiKey(
        key_id=row[0],
        tenant_id=int.from_bytes(row[1], "big"),
        principal_id=row[2].decode(),
        label=row[3],
        environment=Environment(row[4]),
        secret_hash=row[5],
        is_spanning=bool(row[6]),
        namespaces=None if row[7] is None else _numbers_of(row[7]),
        tools=None if row[8] is None else words_of(row[8]),
        created_at=row[9],
        expires_at=row[10],
        revoked_at=row[11],
        replaced_by=row[12],
        last_used_at=row[13],
    )
