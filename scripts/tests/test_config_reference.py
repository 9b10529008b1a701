"""The generated reference of the configuration is what the classes say today."""

import pytest

import config_reference


@pytest.mark.parametrize("path", config_reference.generated(), ids=str)
def test_a_generated_page_is_not_stale(path):
    written = (config_reference.ROOT / path).read_bytes()

    assert written == config_reference.generated()[path], "run 'python3 scripts/dev.py run config-reference'"
