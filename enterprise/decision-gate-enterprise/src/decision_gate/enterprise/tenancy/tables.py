"""The tables of tenancy on both engines; ``migrations/0001_tenancy.sql`` says what the columns mean."""

import sqlite3
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import attrs

from decision_gate.core.ports import Rider, RiderRefusedError
from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.mcp.stores.sqlite import Migration

TENANCY: Final = "tenancy"

_FIRST: Final[Migration] = (
    """
    CREATE TABLE orgs (
        org BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
        created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, retain_until INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE tenants (
        tenant BLOB PRIMARY KEY, org BLOB NOT NULL REFERENCES orgs, name TEXT NOT NULL, state TEXT NOT NULL,
        created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, retain_until INTEGER, legal_hold INTEGER NOT NULL,
        UNIQUE (org, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE namespaces (
        tenant BLOB NOT NULL REFERENCES tenants, namespace BLOB NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
        created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, retain_until INTEGER,
        PRIMARY KEY (tenant, namespace), UNIQUE (tenant, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE principals (
        principal BLOB PRIMARY KEY, tenant BLOB NOT NULL REFERENCES tenants, name TEXT NOT NULL, state TEXT NOT NULL,
        roles TEXT NOT NULL, policy_class TEXT, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX principals_by_tenant ON principals (tenant, principal)",
    """
    CREATE TABLE grants (
        tenant BLOB NOT NULL REFERENCES tenants, principal BLOB NOT NULL REFERENCES principals, scope BLOB NOT NULL,
        roles TEXT NOT NULL, tools TEXT, PRIMARY KEY (tenant, principal, scope)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX grants_by_principal ON grants (principal, tenant, scope)",
)


@attrs.frozen(kw_only=True)
class SqliteTables:
    """Makes tables with the migrations of the file of the runs; nothing rides on them."""

    kind: str
    migrations: Sequence[Migration]

    def apply(self, connection: sqlite3.Connection, rider: Rider) -> None:
        """Refuse. Raise ``RiderRefusedError``."""
        del connection
        raise RiderRefusedError(rider.kind, "nothing rides on these tables")


def tenancy_tables() -> tuple[Family, SqliteTables]:
    """Return the tables of tenancy, for each engine."""
    family = read_family(TENANCY, files("decision_gate.enterprise.tenancy") / "migrations")
    return family, SqliteTables(kind=TENANCY, migrations=(_FIRST,))
