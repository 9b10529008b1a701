"""Every example of the documentation runs.

A block of the language ``python`` is executed, all of a page in one namespace. A block of ``bash`` is run as a script.
In a block of ``console`` every line after ``$ `` is run, and the lines under it must appear in what it prints, in
order; ``…`` stands for anything. A command that is meant to fail says so at its end: ``# exits 3``. Everything of one
page happens in one empty folder; a page of ``examples/`` begins with a copy of the folder that it stands in. The
addresses ``127.0.0.1:4100`` and ``127.0.0.1:4101`` stand for free ones, and what a page leaves running in the
background is stopped at its end. Blocks without a language are for the eye. The open tree without the enterprise
distribution leaves out the pages that start it.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from decision_gate.mcp.testing.ports import reserved_port

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page
    for pattern in (
        "README.md",
        "docs/**/*.md",
        "packages/*/README.md",
        "enterprise/*/README.md",
        "examples/*/README.md",
    )
    for page in ROOT.glob(pattern)
)
EXITS = re.compile(r"\s+# exits (\d+)$")
LIMIT_SECONDS = 300


ADDRESSES = ("127.0.0.1:4100", "127.0.0.1:4101")


class Shell:
    """Runs the commands of one page in its folder, with the environment's own programs first."""

    def __init__(self, folder):
        self._folder = folder
        self._groups = []
        self._kept = contextlib.ExitStack()
        self._addresses = {address: f"127.0.0.1:{self._kept.enter_context(reserved_port())}" for address in ADDRESSES}

    def here(self, text):
        """Return what a page says with the addresses that it has in this run."""
        return re.sub("|".join(map(re.escape, ADDRESSES)), lambda found: self._addresses[found[0]], text)

    def run(self, command):
        """Run *command* and return its exit status and what it printed."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        with subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", self.here(command)],
            cwd=self._folder,
            env=os.environ | {"PATH": path, "NO_COLOR": "1", "COLUMNS": "120"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            if re.search(r"&\s", command):
                self._groups.append(process.pid)
            try:
                printed = "".join(process.communicate(timeout=LIMIT_SECONDS))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return process.returncode, printed

    def stop(self):
        """Stop what still runs in the background, and give the address back."""
        self._kept.close()
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)


def run_script(example: Example):
    """Evaluate a block of the language ``bash``."""
    status, printed = example.namespace["shell"].run(str(example.parsed))
    assert status == 0, printed


def run_session(example: Example):
    """Evaluate a block of the language ``console``."""
    shell = example.namespace["shell"]
    for part in re.split(r"^\$ ", str(example.parsed), flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        exits = EXITS.search(command)
        status, printed = shell.run(EXITS.sub("", command))
        assert status == (int(exits.group(1)) if exits else 0), f"$ {command}\n{printed}"
        lines = [
            re.escape(line.strip()).replace("…", ".*") for line in shell.here(expected).splitlines() if line.strip()
        ]
        assert re.search(".*".join(lines), printed, re.DOTALL), f"$ {command}\n{printed}"


def parsers():
    return (
        PythonCodeBlockParser(),
        CodeBlockParser(language="bash", evaluator=run_script),
        CodeBlockParser(language="console", evaluator=run_session),
    )


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_example_of_a_page_runs(page, tmp_path, monkeypatch):
    if page.parent.parent == ROOT / "examples":
        shutil.copytree(page.parent, tmp_path, dirs_exist_ok=True)
    if "$ curl " in page.read_text(encoding="utf-8") and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    if "$ decision-gate cloud " in page.read_text(encoding="utf-8") and not find_spec("decision_gate.enterprise"):
        pytest.skip("the enterprise distribution is not there")
    monkeypatch.chdir(tmp_path)
    document = Document.parse(str(page), *parsers())
    document.namespace["shell"] = shell = Shell(tmp_path)

    try:
        for example in document.examples():
            example.evaluate()
    finally:
        shell.stop()
