"""Real servers for the tier ``services``: one PostgreSQL a session, an empty database a test."""

import psycopg
import pytest

from decision_gate.enterprise.stores.postgres import PostgresSettings
from decision_gate.enterprise.testing.postgres import running_postgres
from decision_gate.mcp.config.secrets import LiteralSecret

pytest.register_assert_rewrite("decision_gate.core.testing")


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
