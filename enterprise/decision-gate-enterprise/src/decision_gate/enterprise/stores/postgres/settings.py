"""Where the database is and how many connections a server may hold: the tables of type ``postgres``."""

import os

import attrs

from decision_gate.mcp.config.acl import AclTable
from decision_gate.mcp.config.kinds import Boolean, Integer, Secret
from decision_gate.mcp.config.secrets import SecretSource
from decision_gate.mcp.config.table import Table, key

APPLICATION_NAME = "decision-gate"
"""What the database shows as the name of our sessions."""


@attrs.frozen(kw_only=True)
class PostgresSettings:
    """``[run_state_store]`` and ``[scenario_store]`` of type ``postgres``."""

    dsn: SecretSource = key(Secret(), "Connection string or URI of libpq; a secret, because it may hold a password.")
    min_connections: int = key(Integer(), "Connections kept open.", default=1)
    max_connections: int = key(Integer(1), "Most connections of one server to this store.", default=16)
    acquire_timeout_ms: int = key(Integer(1), "How long a call waits for a free connection.", default=5_000)
    connect_timeout_s: int = key(Integer(2), "How long connecting may take.", default=5)
    statement_timeout_ms: int = key(Integer(1), "How long the database works on one statement.", default=30_000)
    migrate: bool = key(
        Boolean(),
        "Whether the server brings the schema up to date; false where its role may not change tables.",
        default=True,
    )

    def conninfo(self) -> str:
        """Return the connection string.

        Raises:
            SecretUnavailableError: It is named by reference and cannot be had.
        """
        return self.dsn.reveal(os.environ)


@attrs.frozen(kw_only=True)
class PostgresRegistrySettings(PostgresSettings):
    """``[schema_registry]`` of type ``postgres``."""

    max_schema_bytes: int = key(Integer(1), "Largest schema.", default=1_048_576)
    max_entries: int | None = key(Integer(1), "Most schemas of one namespace.", default=None)
    acl: AclTable = key(Table(AclTable), "Who may register, list and read.", default=AclTable())
