"""Servers for the suites: each test starts what it needs and nothing outlives it."""

import contextlib
import itertools
import json

import pytest
from harness import documents
from harness.config import configuration, scripted
from harness.plugin import install_plugins
from harness.rpc import Client
from harness.server import Server, running


@pytest.fixture(scope="session")
def plugins(tmp_path_factory):
    """Environment in which servers find the plug-ins of the tests."""
    return {"PYTHONPATH": str(install_plugins(tmp_path_factory.mktemp("plugins") / "site"))}


@contextlib.contextmanager
def serving(folder, plugins):
    """Yield a function that starts a server from changes to the base configuration; all end with the block."""
    script = folder / "script.json"
    script.write_text(json.dumps(documents.SCRIPT), encoding="utf-8")
    count = itertools.count()
    with contextlib.ExitStack() as stack:

        def start(*changes):
            config = configuration(scripted(script, "facts"), {"runpacks": {"roots": [str(folder)]}}, *changes)
            server = Server(folder=folder / f"server-{next(count)}", config=config, environment=plugins)
            return stack.enter_context(running(server))

        yield start


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
