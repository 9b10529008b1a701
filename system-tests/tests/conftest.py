"""Servers for the suites: each test starts what it needs and nothing outlives it."""

import contextlib

import pytest
from harness.plugin import install_plugins
from harness.rpc import Client
from harness.serving import serving


@pytest.fixture(scope="session")
def plugins(tmp_path_factory):
    """Environment in which servers find the plug-ins of the tests."""
    return install_plugins(tmp_path_factory.mktemp("plugins") / "site")


@pytest.fixture
def serve(tmp_path, plugins):
    """Return a function that starts a server from changes to the base configuration."""
    with serving(tmp_path, plugins) as start:
        yield start


@pytest.fixture(scope="module")
def shared_serve(tmp_path_factory, plugins):
    """The same for servers that all tests of a file use."""
    with serving(tmp_path_factory.mktemp("shared"), plugins) as start:
        yield start


@pytest.fixture
def client_of():
    """Return a function that connects to a server; all connections end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda server, **how: stack.enter_context(Client(server.port, **how))
