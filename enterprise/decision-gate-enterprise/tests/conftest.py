"""Real servers for the tier ``services``: one PostgreSQL a session, an empty database a test."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager

import attrs
import psycopg
import pytest

from decision_gate.core.ports import RunStore
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.stores.postgres import PostgresSettings, open_run_store
from decision_gate.enterprise.testing.postgres import running_postgres
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database


@pytest.fixture(scope="session")
def postgres():
    with running_postgres({"max_connections": 150}) as server:
        yield server


@pytest.fixture(scope="session")
def reused_database(postgres):
    return postgres.create_database()


@pytest.fixture
def database(reused_database):
    """Connection string of a database without our schema; a test that changes the database itself makes its own."""
    with psycopg.connect(reused_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS decision_gate CASCADE")
    return reused_database


@pytest.fixture
def settings(database):
    """Settings of stores on an empty database."""
    return PostgresSettings(dsn=LiteralSecret(text=database))


@attrs.frozen(kw_only=True)
class Place:
    """A database of one engine: how seams name it, and how runs are opened in it with rider tables."""

    engine: str
    settings: DatabaseSettings
    runs: Callable[[Sequence[object]], AbstractContextManager[RunStore]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def place(request, tmp_path):
    """An empty database of each engine."""
    if request.param == "postgres":
        settings = request.getfixturevalue("settings")
        return Place(
            engine="postgres",
            settings=DatabaseSettings(dsn=settings.dsn, max_connections=32),
            runs=lambda tables: open_run_store(attrs.evolve(settings, max_connections=32), tables),
        )

    @contextmanager
    def open_runs(tables):
        sqlite = SqliteSettings(path=tmp_path / "runs.db")
        with open_database(sqlite, rider_tables=tables, now_ms=lambda: 0) as database:
            yield SqliteRunStore(database)

    return Place(engine="sqlite", settings=DatabaseSettings(path=str(tmp_path / "runs.db")), runs=open_runs)
