"""Configurations from their text, and the refusal of one."""

import pytest

from decision_gate.mcp.config import parse_config
from decision_gate.mcp.opening.built_in import offers_of


@pytest.fixture
def parsed():
    return lambda text: parse_config(text.encode(), lambda plugins: offers_of(plugins).settings_of)
