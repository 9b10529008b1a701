"""Secrets by reference: looked up late, never shown (architecture §3)."""

import pytest

from decision_gate.mcp.config.errors import SecretUnavailableError
from decision_gate.mcp.config.secrets import EnvSecret, FileSecret, LiteralSecret


def test_the_three_spellings_reveal_the_same_secret(tmp_path):
    file = tmp_path / "token"
    file.write_bytes(b"s3cret\n")

    revealed = [
        LiteralSecret(text="s3cret").reveal({}),
        EnvSecret(name="TOKEN").reveal({"TOKEN": "s3cret"}),
        FileSecret(path=str(file)).reveal({}),
    ]

    assert revealed == ["s3cret"] * 3


def test_a_literal_secret_does_not_show_itself():
    assert "s3cret" not in repr(LiteralSecret(text="s3cret"))


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff", b"x" * 65_537])
def test_a_file_that_holds_no_usable_secret_is_refused(tmp_path, content):
    file = tmp_path / "token"
    file.write_bytes(content)

    with pytest.raises(SecretUnavailableError):
        FileSecret(path=str(file)).reveal({})


def test_a_reference_that_leads_nowhere_is_refused_by_its_name(tmp_path):
    with pytest.raises(SecretUnavailableError, match="TOKEN"):
        EnvSecret(name="TOKEN").reveal({"TOKEN": ""})
    with pytest.raises(SecretUnavailableError, match="nowhere"):
        FileSecret(path=str(tmp_path / "nowhere")).reveal({})
