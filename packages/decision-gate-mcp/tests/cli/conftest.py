"""Run the command line in this process, as ``decision-gate`` would."""

import attrs
import pytest

from decision_gate.core.json import parse, plain
from decision_gate.mcp.cli.main import run


@attrs.frozen
class Ran:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return parse(self.out)


@pytest.fixture
def cli(capsys):
    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture
def write(tmp_path):
    """Write files below the test's folder; a text or a JSON value each."""

    def writing(**files):
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else plain(content))
        return tmp_path

    return writing
