"""Servers and databases for the suites: SQLite everywhere, PostgreSQL in the tier ``services``."""

import contextlib

import pytest
from deployment import administration
from deployment.database import Database
from harness.plugin import install_plugins
from harness.rpc import Client
from harness.serving import serving

from decision_gate.enterprise.testing.postgres import running_postgres


@pytest.fixture(scope="session")
def plugins(tmp_path_factory):
    """Environment in which servers find the plug-ins of the tests."""
    return install_plugins(tmp_path_factory.mktemp("plugins") / "site")


@pytest.fixture
def serve(tmp_path, plugins):
    """Return a function that starts a server from changes to the base configuration; all end with the test."""
    with serving(tmp_path, plugins) as start:
        yield start


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of our own, with commits that survive a loss of power."""
    with running_postgres({"max_connections": 200}) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def database(request, tmp_path):
    """An empty database of each engine, in which ``loopback`` may act for the tenant of the tests."""
    if request.param == "sqlite":
        made = Database.in_folder(tmp_path)
    else:
        made = Database(dsn=request.getfixturevalue("postgres").create_database())
    administration.grant(made)
    return made


@pytest.fixture
def client_of():
    """Return a function that connects to a server; all connections end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda server, **how: stack.enter_context(Client(server.port, **how))
