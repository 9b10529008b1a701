"""Deployments for the suites: SQLite everywhere, PostgreSQL in the tier ``services``."""

import contextlib

import attrs
import pytest
from deployment.admin_api import AdminClient
from deployment.cloud_server import CloudServer
from deployment.database import Database
from deployment.deployment import Deployment, Maker, Tenant
from harness.plugin import install_plugins
from harness.rpc import Client
from harness.serving import serving

from decision_gate.enterprise.testing.postgres import running_postgres

ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.services)]


@pytest.fixture(scope="session")
def plugins(tmp_path_factory):
    """Environment in which servers find the plug-ins of the tests."""
    return install_plugins(tmp_path_factory.mktemp("plugins") / "site")


@pytest.fixture
def serve(tmp_path, plugins):
    """Return a function that starts an open server from changes to the base configuration; all end with the test."""
    with serving(tmp_path, plugins) as start:
        yield start


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of our own, with commits that survive a loss of power."""
    with running_postgres({"max_connections": 200}) as server:
        yield server


@pytest.fixture(scope="session")
def maker(tmp_path_factory, plugins):
    """Whoever makes deployments."""
    return Maker.of(tmp_path_factory.mktemp("template") / "gate", plugins)


@pytest.fixture(params=ENGINES)
def database(request, tmp_path):
    """An empty database of each engine."""
    if request.param == "sqlite":
        return Database.in_folder(tmp_path)
    return Database(dsn=request.getfixturevalue("postgres").create_database())


@pytest.fixture
def deployment(maker, database, tmp_path):
    """A deployment of its own for each test; its servers end with the test."""
    with contextlib.ExitStack() as stack:
        folder = tmp_path / "gate"
        yield maker.make(folder, database if database.path is None else Database.in_folder(folder), stack)


@pytest.fixture
def client_of():
    """Return a function that connects to a server; all connections end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda server, **how: stack.enter_context(Client(server.port, **how))


@attrs.frozen(kw_only=True)
class Estate:
    """A deployment that is served, and shared by tests that make tenants of their own."""

    deployment: Deployment
    server: CloudServer

    def tenant(self, name, org="acme"):
        """Make a tenant over ``/admin/v1``."""
        boss = AdminClient(self.server.admin_port, self.deployment.boss.key)
        return Tenant.made(boss.do("POST", "/provision", {"org": org, "tenant": name}))

    @property
    def boss(self):
        """The deployment's administrator, over ``/admin/v1``."""
        return AdminClient(self.server.admin_port, self.deployment.boss.key)


@pytest.fixture(scope="session", params=ENGINES)
def estate(request, maker, tmp_path_factory):
    """One deployment of each engine with one server, for all tests that do not stop it."""
    folder = tmp_path_factory.mktemp("estate")
    if request.param == "sqlite":
        made = Database.in_folder(folder / "gate")
    else:
        made = Database(dsn=request.getfixturevalue("postgres").create_database())
    with contextlib.ExitStack() as stack:
        deployment = maker.make(folder / "gate", made, stack)
        yield Estate(deployment=deployment, server=deployment.serve())
