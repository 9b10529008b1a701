"""The database of the runs, opened beside the stores by seams that read it: grants, quotas, administration.

Usage and audit are *written* by the store itself, with the commit they ride on; what is opened here only reads them and
changes limits and grants.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

import attrs

from decision_gate.enterprise.stores.postgres import Family, PostgresSettings, bring_up, open_session
from decision_gate.enterprise.stores.postgres.session import Session
from decision_gate.mcp.config.kinds import Integer, Secret, Text
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.secrets import SecretSource
from decision_gate.mcp.config.table import key
from decision_gate.mcp.stores.sqlite import SqliteDatabase, SqliteRiderTable, SqliteSettings, open_database

Database: TypeAlias = Session | SqliteDatabase


@attrs.frozen(kw_only=True)
class DatabaseSettings:
    """Which database: ``dsn`` of PostgreSQL or ``path`` of SQLite, the one in which the runs live."""

    dsn: SecretSource | None = key(Secret(), "Connection string of the PostgreSQL database of the runs.", default=None)
    path: str | None = key(Text(), "File of the SQLite database of the runs.", default=None)
    max_connections: int = key(Integer(1), "Most connections of one server to this database.", default=8)

    def check(self) -> None:
        """Demand exactly one of the two. Raise ``InvalidConfigError``."""
        demand((self.dsn is None) != (self.path is None), "set either dsn or path, to the database of the runs")


@contextmanager
def open_beside(settings: DatabaseSettings, family: Family, table: SqliteRiderTable) -> Iterator[Database]:
    """Open the database and bring the tables of one seam up to date: *family* in PostgreSQL, *table* in SQLite.

    Raises:
        InvalidConfigError: Not exactly one database is named.
        ConfigurationError: Its schema is newer than this release, or it is not fit.
        StoreUnavailableError: It cannot be reached.
    """
    settings.check()
    with ExitStack() as stack:
        if settings.dsn is not None:
            postgres = PostgresSettings(dsn=settings.dsn, max_connections=settings.max_connections)
            bring_up(postgres, [family])
            yield stack.enter_context(open_session(postgres))
        else:
            sqlite = SqliteSettings(path=Path(settings.path or os.devnull))
            yield stack.enter_context(open_database(sqlite, rider_tables=[table], now_ms=now_ms))


def now_ms() -> int:
    """Return the server's clock in Unix milliseconds."""
    return time.time_ns() // 1_000_000
