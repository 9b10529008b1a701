"""Real servers for the tier ``services``: one PostgreSQL a session, an empty database a test."""

import pytest

from decision_gate.enterprise.stores.postgres import PostgresSettings
from decision_gate.enterprise.testing.postgres import running_postgres
from decision_gate.mcp.config.secrets import LiteralSecret

pytest.register_assert_rewrite("decision_gate.core.testing")


@pytest.fixture(scope="session")
def postgres():
    with running_postgres({"max_connections": 150}) as server:
        yield server


@pytest.fixture
def database(postgres):
    """Connection string of an empty database."""
    dsn = postgres.create_database()
    yield dsn
    postgres.drop_database(dsn)


@pytest.fixture
def settings(database):
    """Settings of stores on an empty database."""
    return PostgresSettings(dsn=LiteralSecret(text=database))
