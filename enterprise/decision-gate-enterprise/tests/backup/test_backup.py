"""A backup tells of one changed byte, wherever it is, and by name."""

import shutil
import sqlite3
from contextlib import closing

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_gate.core.errors import DecisionGateError
from decision_gate.enterprise.backup import (
    MANIFEST_NAME,
    Problem,
    make_backup,
    read_manifest,
    restore_backup,
    verify_backup,
    verify_deployment,
)
from decision_gate.mcp.stores.sqlite import TargetTakenError


@pytest.fixture
def copy(backed_up, tmp_path):
    """A copy of the backup, to be damaged."""
    return shutil.copytree(backed_up.backup, tmp_path / "copy")


@pytest.fixture
def live(backed_up, tmp_path):
    """A copy of the deployment, to be damaged."""
    folder = shutil.copytree(backed_up.deployment.folder, tmp_path / "live")
    return attrs.evolve(backed_up.deployment, folder=folder)


def change(database, statement, *parameters):
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute(statement, parameters).rowcount == 1
        connection.commit()


def test_backup_holds_everything_and_is_sound(backed_up):
    examined = verify_backup(backed_up.backup)

    assert examined.problems == ()
    assert (examined.runs, examined.scenarios, examined.data_shapes, examined.runpacks) == (1, 1, 1, 1)
    assert examined.ledger_rows > 5
    assert examined.logs >= 2
    assert not any(entry.path.startswith("keys/") for entry in backed_up.manifest.files)


def test_verifying_a_backup_leaves_it_as_it_is(backed_up):
    before = {path: path.read_bytes() for path in backed_up.backup.rglob("*") if path.is_file()}

    verify_backup(backed_up.backup)

    assert {path: path.read_bytes() for path in backed_up.backup.rglob("*") if path.is_file()} == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_changed_byte_anywhere_is_named_with_its_file(backed_up, tmp_path_factory, data):
    """Contract §4.5 ST-3."""
    entry = data.draw(st.sampled_from([entry for entry in backed_up.manifest.files if entry.size]))
    place = data.draw(st.integers(0, entry.size - 1))
    copy = shutil.copytree(backed_up.backup, tmp_path_factory.mktemp("flip") / "b")
    path = copy / entry.path
    content = bytearray(path.read_bytes())
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)

    examined = verify_backup(copy)

    assert Problem(entry.path, "is not what was backed up") in examined.problems


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE records SET body = CAST(replace(CAST(body AS TEXT), '1', '2') AS BLOB) WHERE id = 2", "table records"),
        ("UPDATE data_shapes SET body = CAST(body || ' ' AS BLOB)", "table data_shapes"),
        ("UPDATE usage_counters SET used = used + 1 WHERE metric = 'runs_started'", "table usage_counters"),
        ("UPDATE audit_leaves SET body = x'00' WHERE rowid = 1", "table audit_leaves"),
        ("UPDATE api_keys SET hash = hash || 'x'", "table api_keys"),
    ],
)
def test_changed_row_of_a_backup_is_named_with_its_table(copy, backed_up, statement, place):
    change(copy / backed_up.manifest.database, statement)

    examined = verify_backup(copy)

    assert any(place in problem.place for problem in examined.problems)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE records SET body = CAST(replace(CAST(body AS TEXT), '1', '2') AS BLOB) WHERE id = 2", "run"),
        ("UPDATE data_shapes SET body = CAST(body || ' ' AS BLOB)", "shape"),
        ("UPDATE usage_counters SET used = used + 1 WHERE metric = 'runs_started'", "ledger of tenant"),
        ("UPDATE audit_leaves SET body = x'00' WHERE rowid = 1", "audit log gate.example/"),
    ],
)
def test_changed_row_of_a_deployment_is_named_by_what_it_belongs_to(live, statement, place):
    assert verify_deployment(live).problems == ()
    change(live.folder / live.database, statement)

    examined = verify_deployment(live)

    assert any(place in problem.place for problem in examined.problems), examined.problems


def test_changed_run_pack_is_named(live):
    spec = next((live.folder / "runpacks").rglob("scenario_spec.json"))
    spec.write_bytes(spec.read_bytes().replace(b"release", b"releasf", 1))

    examined = verify_deployment(live)

    assert [problem.place for problem in examined.problems] == ["run pack run-1"] * len(examined.problems) != []


def test_file_that_is_missing_or_was_not_backed_up_is_named(copy):
    (copy / "decision-gate.toml").unlink()
    (copy / "more").write_text("x", encoding="utf-8")

    examined = verify_backup(copy)

    assert {problem.place for problem in examined.problems} == {"decision-gate.toml", "more"}


def test_damaged_backup_is_not_restored_and_leaves_nothing(copy, tmp_path):
    path = copy / "decision-gate.toml"
    path.write_text(path.read_text(encoding="utf-8") + "#", encoding="utf-8")

    with pytest.raises(DecisionGateError) as refused:
        restore_backup(copy, tmp_path / "elsewhere")

    assert refused.value.code == "backup_unsound"
    assert "decision-gate.toml" in str(refused.value)
    assert not (tmp_path / "elsewhere").exists()


def test_restored_deployment_has_the_rows_and_files_that_were_backed_up(backed_up, live, tmp_path):
    folder = tmp_path / "elsewhere"

    restore_backup(backed_up.backup, folder)

    again = make_backup(attrs.evolve(live, folder=folder, audit=None), tmp_path / "again", at_ms=0, with_keys=False)
    assert again.tables == backed_up.manifest.tables
    changing = {backed_up.manifest.database}
    assert [entry for entry in again.files if entry.path not in changing] == [
        entry for entry in backed_up.manifest.files if entry.path not in changing
    ]


def test_folder_with_something_in_it_is_not_written_to(backed_up, tmp_path):
    (tmp_path / "kept").write_text("kept", encoding="utf-8")

    with pytest.raises(TargetTakenError):
        restore_backup(backed_up.backup, tmp_path)
    with pytest.raises(TargetTakenError):
        make_backup(backed_up.deployment, tmp_path, at_ms=0, with_keys=False)

    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", None])
def test_folder_without_a_manifest_is_no_backup(copy, content):
    manifest = (copy / MANIFEST_NAME).read_bytes()
    (copy / MANIFEST_NAME).unlink()
    if content is not None:
        (copy / MANIFEST_NAME).write_bytes(content)

    with pytest.raises(DecisionGateError) as refused:
        read_manifest(copy)

    assert refused.value.code == "backup_format"
    (copy / MANIFEST_NAME).write_bytes(manifest + b" ")
    with pytest.raises(DecisionGateError):
        read_manifest(copy)
