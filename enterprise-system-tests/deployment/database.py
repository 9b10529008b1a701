"""The tables of a configuration that put everything of a server into one database, bare or with every plug-in."""

from pathlib import Path
from typing import Any

import attrs

TENANT = 42
AUDIT_KEY = """\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
-----END PRIVATE KEY-----
"""
"""Key that signs the audit log of every deployment of these tests."""

AUDIT_ORIGIN = "audit.example.org"


@attrs.frozen(kw_only=True)
class Database:
    """One database: a SQLite file or a PostgreSQL connection string."""

    path: str | None = None
    dsn: str | None = None

    @classmethod
    def in_folder(cls, folder: Path) -> "Database":
        """Name a SQLite file that does not exist yet."""
        return cls(path=str(folder / "gate.db"))

    def stores(self, **more: object) -> dict[str, Any]:
        """Return the stores alone; *more* are keys of their tables."""
        if self.path is not None:
            table = {"type": "sqlite", "path": self.path, **more}
            return {"run_state_store": table, "schema_registry": table}
        table = {"type": "postgres", "dsn": self.dsn, **more}
        return {"run_state_store": table, "scenario_store": table, "schema_registry": table}

    def plugged(self, **more: object) -> dict[str, Any]:
        """Return the stores with grants, ledger and audit log: what a production server has."""
        return {
            **self.stores(**more),
            "tenant_authorizer": {"type": "grants", **self.place()},
            "usage_meter": {"type": "ledger", **self.place()},
            "audit_sink": {
                "type": "hash_chain",
                "log_path": "audit.jsonl",
                "origin": AUDIT_ORIGIN,
                "signing_keys": [AUDIT_KEY],
                **self.place(),
            },
            "server": {"audit": {"path": None}},
        }

    def place(self) -> dict[str, str]:
        """Return what a table says about where the database is."""
        return {"path": self.path} if self.path is not None else {"dsn": self.dsn or ""}
