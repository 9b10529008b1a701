"""Configurations from their text."""

import pytest

from decision_gate.mcp.config import parse_config
from decision_gate.mcp.opening.built_in import offers_of


@pytest.fixture
def parsed():
    """Return a function that decodes the text of a configuration without checking it."""
    return lambda text: parse_config(text.encode(), lambda plugins: offers_of(plugins).settings_of)


@pytest.fixture
def refusal(parsed):
    """Return a function that decodes and checks, and returns the text of the refusal, none when there is none."""

    def refused(text):
        try:
            parsed(text).check()
        except Exception as error:  # noqa: BLE001 - whatever is refused is compared by the test
            return str(error)
        return None

    return refused
