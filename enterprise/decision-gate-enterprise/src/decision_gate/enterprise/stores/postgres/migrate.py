"""Numbered, transactional, forward-only changes of the schema, checked at every start.

A *family* is a sequence of migrations with one owner: the stores, and each rider kind. All live in the schema
``decision_gate``, whose table ``migrations`` says what was applied.
"""

import hashlib
import re
from collections.abc import Sequence
from importlib.resources.abc import Traversable

import attrs
import psycopg

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.enterprise.stores.postgres.errors import (
    MigrationChangedError,
    SchemaBehindError,
    SchemaNewerError,
)
from decision_gate.enterprise.stores.postgres.session import Connection
from decision_gate.enterprise.stores.postgres.settings import APPLICATION_NAME, PostgresSettings

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_LOCK = 0x6467_6D69_6772_6174  # "dgmigrat"


@attrs.frozen(kw_only=True)
class Migration:
    """One change of the schema: the file ``NNNN_name.sql``."""

    number: int
    name: str
    statements: str

    @property
    def sha256(self) -> bytes:
        """Digest of the statements."""
        return hashlib.sha256(self.statements.encode()).digest()


@attrs.frozen(kw_only=True)
class Family:
    """Migrations of one owner, numbered from 1 without a gap."""

    name: str
    migrations: tuple[Migration, ...]

    @property
    def newest(self) -> int:
        """Number of the last migration."""
        return self.migrations[-1].number


def read_family(name: str, folder: Traversable) -> Family:
    """Return the family whose migrations are the files of *folder*."""
    found = [
        Migration(number=int(match[1]), name=match[2], statements=entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if (match := _NAME.fullmatch(entry.name))
    ]
    return Family(name=name, migrations=tuple(sorted(found, key=lambda migration: migration.number)))


def bring_up(settings: PostgresSettings, families: Sequence[Family]) -> None:
    """Apply what is missing of *families*, all in one transaction; many servers may start at once.

    Raises:
        SchemaNewerError: The database knows a migration that this release does not.
        MigrationChangedError: An applied migration differs from ours.
        SchemaBehindError: Something is missing and ``migrate`` is false.
        StoreUnavailableError: The database cannot be reached, or refuses the change.
    """
    try:
        with psycopg.connect(
            settings.conninfo(),
            prepare_threshold=None,
            connect_timeout=settings.connect_timeout_s,
            application_name=APPLICATION_NAME,
        ) as connection:
            # The second look, under the lock, must see what another server committed since the first.
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            if _missing(connection, families) and settings.migrate:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                for family, missing in _missing(connection, families):
                    _apply(connection, family, missing)
            for family, missing in _missing(connection, families):
                raise SchemaBehindError(family.name, missing[0].number - 1, family.newest)
    except psycopg.Error as error:
        raise StoreUnavailableError(f"the schema cannot be brought up (sqlstate {error.sqlstate})") from error


def _missing(connection: Connection, families: Sequence[Family]) -> list[tuple[Family, tuple[Migration, ...]]]:
    """Return each family that lacks migrations, with those it lacks; refuse what this release does not know."""
    applied: dict[tuple[str, int], bytes] = {}
    if _has_table(connection):
        rows = connection.execute("SELECT family, number, sha256 FROM decision_gate.migrations").fetchall()
        applied = {(name, number): digest for name, number, digest in rows}
    lacking = []
    for family in families:
        newest = max((number for name, number in applied if name == family.name), default=0)
        if newest > family.newest:
            raise SchemaNewerError(family.name, newest, family.newest)
        for migration in family.migrations:
            known = applied.get((family.name, migration.number))
            if known is not None and known != migration.sha256:
                raise MigrationChangedError(family.name, migration.number)
        if missing := tuple(m for m in family.migrations if (family.name, m.number) not in applied):
            lacking.append((family, missing))
    return lacking


def _has_table(connection: Connection) -> bool:
    # Not to_regclass: it may answer from a cache that nothing refreshes while a transaction waits for the lock.
    row = connection.execute(
        "SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'decision_gate' AND c.relname = 'migrations'"
    ).fetchone()
    return row is not None


def _apply(connection: Connection, family: Family, missing: Sequence[Migration]) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS decision_gate")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS decision_gate.migrations (family text NOT NULL, number integer NOT NULL, "
        "name text NOT NULL, sha256 bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), "
        "PRIMARY KEY (family, number))"
    )
    for migration in missing:
        connection.execute(migration.statements.encode())
        connection.execute(
            "INSERT INTO decision_gate.migrations (family, number, name, sha256) VALUES (%s, %s, %s, %s)",
            (family.name, migration.number, migration.name, migration.sha256),
        )
