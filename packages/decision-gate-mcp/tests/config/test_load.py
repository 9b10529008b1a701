"""Where the file is and what its bytes may be (contract §3.1)."""

from pathlib import Path

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.config import config_path, load_config
from decision_gate.mcp.opening.built_in import offers_of


def load(path):
    return load_config(path, lambda plugins: offers_of(plugins).settings_of)


@pytest.mark.parametrize(
    ("explicit", "environment", "expected"),
    [
        ("a.toml", {"DECISION_GATE_CONFIG": "b.toml"}, "a.toml"),
        (None, {"DECISION_GATE_CONFIG": "b.toml"}, "b.toml"),
        (None, {}, "decision-gate.toml"),
    ],
)
def test_the_argument_is_stronger_than_the_variable_and_both_than_the_default(explicit, environment, expected):
    assert config_path(explicit, environment) == Path(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x/" * 2048 + "y", "config io error: config path exceeds max length"),
        ("x" * 256, "config io error: config path component too long"),
    ],
)
def test_a_path_that_is_too_long_is_refused(text, message):
    with pytest.raises(DecisionGateError) as refused:
        config_path(text, {})

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"#" * 1_048_577, "config_io", "config io error: config file exceeds size limit"),
        (b"\xff", "config_io", "config io error: config file must be utf-8"),
        (b"= 1", "config_parse", "config parse error: Invalid"),
        (b"a = " + b"[" * 5000, "config_parse", "config parse error: "),
        (b"plugins = 1", "config_parse", "config parse error: plugins: expected a table"),
        (b"[server]\nmax_body_bytes = 0", "config_invalid", "invalid config: max_body_bytes"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path, content, code, message):
    path = tmp_path / "decision-gate.toml"
    path.write_bytes(content)

    with pytest.raises(DecisionGateError) as refused:
        load(path)

    assert refused.value.code == code
    assert str(refused.value).startswith(message)


def test_a_file_of_exactly_one_mebibyte_is_read_with_its_time(tmp_path):
    path = tmp_path / "decision-gate.toml"
    path.write_bytes(b"#" * 1_048_576)

    loaded = load(path)

    assert loaded.path == path
    assert loaded.modified_at_ms == path.stat().st_mtime_ns // 1_000_000


def test_a_missing_file_is_refused_by_its_name(tmp_path):
    with pytest.raises(DecisionGateError) as refused:
        load(tmp_path / "nowhere.toml")

    assert refused.value.code == "config_io"
    assert "nowhere.toml" in str(refused.value)
