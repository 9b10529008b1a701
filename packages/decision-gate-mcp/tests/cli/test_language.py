"""``--lang``: the option is stronger than the environment, and another language says so (contract §3.1)."""

import pytest

from decision_gate.mcp.cli.language import NOTE


@pytest.fixture(autouse=True)
def configuration(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DECISION_GATE_LANG", raising=False)
    (tmp_path / "decision-gate.toml").write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "variable", "out", "err"),
    [
        ([], None, "Config valid.\n", ""),
        ([], "en", "Config valid.\n", ""),
        ([], "ca", "Configuració vàlida.\n", f"{NOTE}\n"),
        (["--lang", "ca"], None, "Configuració vàlida.\n", f"{NOTE}\n"),
        (["--lang", "en"], "ca", "Config valid.\n", ""),
        (["--lang", "en"], "xx", "Config valid.\n", ""),
    ],
)
def test_the_option_is_stronger_than_the_variable(cli, monkeypatch, options, variable, out, err):
    if variable is not None:
        monkeypatch.setenv("DECISION_GATE_LANG", variable)

    ran = cli(*options, "config", "validate")

    assert (ran.code, ran.out, ran.err) == (0, out, err)


def test_a_language_that_there_is_not_is_refused(cli, monkeypatch):
    assert cli("--lang", "fr", "config", "validate").code == 2

    monkeypatch.setenv("DECISION_GATE_LANG", "fr")
    ran = cli("config", "validate")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Invalid value for DECISION_GATE_LANG: fr. Expected en or ca.\n"
