"""Every example of the documentation runs.

A block of the language ``python`` is executed, all of a page in one namespace. A block of ``bash`` is run as a script.
In a block of ``console`` every line after ``$ `` is run, and the lines under it must appear in what it prints, in
order; ``…`` stands for anything. A command that is meant to fail says so at its end: ``# exits 3``. Everything of one
page happens in one empty folder; a page of ``examples/`` begins with a copy of the folder that it stands in. Blocks
without a language are for the eye.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

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
LIMIT_SECONDS = 120


def run(command, folder):
    """Run *command* in *folder* with the environment's own programs first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=os.environ | {"PATH": path, "NO_COLOR": "1", "COLUMNS": "120"},
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_SECONDS,
        check=False,
    )


def run_script(example: Example):
    """Evaluate a block of the language ``bash``."""
    done = run(str(example.parsed), example.namespace["folder"])
    assert done.returncode == 0, done.stdout + done.stderr


def run_session(example: Example):
    """Evaluate a block of the language ``console``."""
    for part in re.split(r"^\$ ", str(example.parsed), flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        exits = EXITS.search(command)
        done = run(EXITS.sub("", command), example.namespace["folder"])
        printed = done.stdout + done.stderr
        assert done.returncode == (int(exits.group(1)) if exits else 0), f"$ {command}\n{printed}"
        lines = [re.escape(line.strip()).replace("…", ".*") for line in expected.splitlines() if line.strip()]
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
    monkeypatch.chdir(tmp_path)
    document = Document.parse(str(page), *parsers())
    document.namespace["folder"] = tmp_path

    for example in document.examples():
        example.evaluate()
