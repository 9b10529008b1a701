"""Servers for the suites: each test starts what it needs and nothing outlives it."""

import contextlib
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


@pytest.fixture
def script(tmp_path):
    """Return the script of provider ``facts``: everything is ready."""
    path = tmp_path / "script.json"
    path.write_text(json.dumps(documents.ALWAYS_READY), encoding="utf-8")
    return path


@pytest.fixture
def serve(tmp_path, plugins, script):
    """Return a function that starts a server from changes to the base configuration; all end with the test."""
    with contextlib.ExitStack() as stack:
        count = iter(range(100))

        def start(*changes):
            config = configuration(scripted(script, "facts"), *changes)
            folder = tmp_path / f"server-{next(count)}"
            return stack.enter_context(running(Server(folder=folder, config=config, environment=plugins)))

        yield start


@pytest.fixture
def client_of():
    """Return a function that connects to a server; all connections end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda server, **how: stack.enter_context(Client(server.port, **how))
