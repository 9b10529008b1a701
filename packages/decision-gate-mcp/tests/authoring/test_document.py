"""Scenario documents as files: whose language the name tells, and how long they may be."""

import os

import pytest

from decision_gate.mcp.authoring import ScenarioDocumentError, read_scenario_file

LIMIT = 16_777_216


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + 4096])
def test_a_file_over_the_limit_is_refused_with_its_size(tmp_path, size):
    path = tmp_path / "scenario.json"
    path.touch()
    os.truncate(path, size)

    with pytest.raises(ScenarioDocumentError) as refused:
        read_scenario_file(path)

    assert str(refused.value) == (
        f"{path}:1:1: Refusing to read scenario at {path} because it is {size} bytes (limit {LIMIT})."
    )


def test_a_file_of_exactly_the_limit_is_read(tmp_path):
    path = tmp_path / "scenario.json"
    path.write_bytes(b"{}".ljust(LIMIT))

    with pytest.raises(ScenarioDocumentError) as refused:
        read_scenario_file(path)

    assert "missing field `scenario_id`" in str(refused.value)
