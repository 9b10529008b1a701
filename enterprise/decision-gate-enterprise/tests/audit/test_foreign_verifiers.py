"""What docs/how-to/verify-the-audit-log.md tells people to run without our software runs, and refuses what it must."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from decision_gate.enterprise.audit import export_events, export_tiles, prove, tenant_log

PAGE = Path(__file__).parents[4] / "docs/how-to/verify-the-audit-log.md"
LOG = tenant_log(42)
LIMIT_S = 300

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def block(language, mark):
    """Return the block of a language that holds *mark*."""
    page = PAGE.read_text(encoding="utf-8")
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL) if mark in text]
    return found


def run(*command, cwd=None):
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False
    )


@pytest.fixture
def taken(audit, tmp_path):
    """A folder with keys, an old checkpoint, an export, static files and a proof."""
    audit.tell(*(f"event {n}" for n in range(300)), tenant_id=42)
    audit.sequence()
    (tmp_path / "old").write_text(audit.store.head(LOG).note, encoding="utf-8")
    audit.tell(*(f"später {n}" for n in range(700)), tenant_id=42)
    audit.sequence()
    (tmp_path / "keys.txt").write_text(audit.names.verifiers(LOG)[0].vkey + "\n", encoding="utf-8")
    export_events(audit.store, LOG, tmp_path / "export")
    export_tiles(audit.store, LOG, tmp_path / "log")
    (tmp_path / "one.tlog-proof").write_text(prove(audit.store, LOG, 777).text(), encoding="utf-8")
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_openssl_verifies_a_checkpoint_and_refuses_a_changed_one(taken):
    script = taken / "verify.sh"
    script.write_text(block("sh", "openssl pkeyutl"), encoding="utf-8")

    good = run("sh", script, taken / "export/checkpoint", taken / "keys.txt")
    change(taken / "export/checkpoint", "\n1000\n", "\n1001\n")
    bad = run("sh", script, taken / "export/checkpoint", taken / "keys.txt")

    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("Signature Verified Successfully\naudit.example.org/t/42\n1000\n")
    assert bad.returncode != 0
    assert "Verified Successfully" not in bad.stdout


def test_a_few_lines_of_python_check_the_chain_of_an_export(taken):
    script = taken / "chain.py"
    script.write_text(block("py", "prev_hash"), encoding="utf-8")

    good = run(sys.executable, "-W", "ignore", script, taken / "export/events.jsonl")
    change(taken / "export/events.jsonl", "event 17", "event 18")
    bad = run(sys.executable, "-W", "ignore", script, taken / "export/events.jsonl")

    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("1000 lines, last hash ")
    assert "the body of line 18 was changed" in bad.stderr


@pytest.mark.services
def test_go_verifies_checkpoint_proof_static_files_and_growth_and_refuses_changes(taken):
    """The code of Go's checksum database: ``sumdb/note`` and ``sumdb/tlog``."""
    go = os.environ["DG_TEST_GO"]
    program = taken / "go"
    program.mkdir()
    (program / "main.go").write_text(block("go", "sumdb/tlog"), encoding="utf-8")
    (program / "go.mod").write_text("module verify\n\ngo 1.18\n\nrequire golang.org/x/mod v0.20.0\n", encoding="utf-8")
    built = run(go, "build", "-mod=mod", "-o", "verify", ".", cwd=program)
    assert built.returncode == 0, built.stderr
    command = (program / "verify", taken / "keys.txt", taken / "one.tlog-proof", taken / "log", taken / "old")

    good = run(*command)

    assert good.returncode == 0, good.stdout
    assert good.stdout.startswith('entry 777 of 1000: {"body":"')
    assert good.stdout.endswith("the static files have it too\nthe log of 1000 entries begins with that of 300\n")
    for path, old, new in (
        (taken / "one.tlog-proof", "index 777", "index 776"),
        (taken / "old", "\n300\n", "\n301\n"),
        (taken / "keys.txt", "+A", "+B"),
    ):
        content = path.read_bytes()
        change(path, old, new)
        assert "REFUSED" in run(*command).stdout
        path.write_bytes(content)
    tile = taken / "log/tile/0/003.p/232"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    assert "REFUSED" in run(*command).stdout
