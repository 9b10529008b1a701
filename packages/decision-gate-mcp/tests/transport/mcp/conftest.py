"""A server in memory behind its HTTP application."""

from contextlib import ExitStack

import pytest

from decision_gate.mcp.testing.mcp_http import HTTP_SERVER, open_mcp_server


@pytest.fixture
def serving():
    """Return a function that serves the text of a configuration."""
    with ExitStack() as stack:
        yield lambda toml=HTTP_SERVER, seams=None: stack.enter_context(open_mcp_server(toml, seams))


@pytest.fixture
def served(serving):
    return serving()
