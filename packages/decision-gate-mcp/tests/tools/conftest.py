"""A server in memory with a time provider, and one with a started run."""

import pytest

from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.calls import TIME_PROVIDER, define, start


@pytest.fixture
def server():
    with open_test_server(TIME_PROVIDER) as opened:
        yield opened


@pytest.fixture
def started(server):
    """The server with a defined scenario and a started run."""
    server.call("scenario_define", define())
    server.call("scenario_start", start())
    return server
