"""A backup tells of one changed byte, wherever it is, and by name."""

import shutil
import sqlite3
from contextlib import closing

import attrs
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_gate.core.errors import DecisionGateError
from decision_gate.enterprise.audit import ROOT, SnapshotFolder
from decision_gate.enterprise.audit.tlog import Checkpoint, sign_checkpoint
from decision_gate.enterprise.backup import (
    MANIFEST_NAME,
    Problem,
    make_backup,
    read_manifest,
    restore_backup,
    verify_backup,
    verify_deployment,
)
from decision_gate.enterprise.backup.verifying import changed_files
from decision_gate.mcp.config.secrets import FileSecret
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


def offsets(size):
    """Return places all over a file: its ends, both sides of every border of a page of the database, and between."""
    near_borders = {at + side for at in range(0, size, 2_048) for side in (-1, 0, 1, 999)}
    return sorted(place for place in {0, size - 1, *near_borders} if 0 <= place < size)


def test_one_flipped_bit_anywhere_is_named_with_its_file(backed_up, copy):
    """Contract §4.5 ST-3."""
    flipped = 0
    for entry in backed_up.manifest.files:
        path = copy / entry.path
        whole = path.read_bytes()
        for place in offsets(entry.size):
            bit = 1 << place % 8
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            assert list(changed_files(copy, backed_up.manifest)) == [Problem(entry.path, "is not what was backed up")]
            flipped += 1
        path.write_bytes(whole)
    assert flipped > 300
    assert verify_backup(copy).is_sound


def test_one_flipped_bit_of_the_manifest_makes_it_none(copy):
    path = copy / MANIFEST_NAME
    whole = path.read_bytes()
    for place in {*range(0, len(whole), 97), len(whole) - 1}:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        with pytest.raises(DecisionGateError) as refused:
            read_manifest(copy)
        assert refused.value.code == "backup_format"


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_byte_of_the_database_is_changed_everything_else_is_still_looked_at(backed_up, tmp_path_factory, data):
    entry = backed_up.manifest.entries()[backed_up.manifest.database]
    place = data.draw(st.integers(0, entry.size - 1))
    copy = shutil.copytree(backed_up.backup, tmp_path_factory.mktemp("flip") / "b")
    path = copy / entry.path
    content = bytearray(path.read_bytes())
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)

    examined = verify_backup(copy)

    assert Problem(entry.path, "is not what was backed up") in examined.problems
    assert (examined.runpacks, examined.files) == (1, len(backed_up.manifest.files))


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


@pytest.fixture
def newer(live, tmp_path):
    """Snapshots of a state of the deployment that came after this one."""
    keys = live.keys()
    root = f"{keys.deployment}/root"
    newest = max(SnapshotFolder(live.folder / live.snapshots).sizes(root))
    checkpoint = Checkpoint(origin=root, size=newest + 3, root=bytes(32))
    folder = tmp_path / "newer"
    SnapshotFolder(folder).put(root, checkpoint.size, sign_checkpoint(checkpoint, keys.signers(ROOT)))
    return folder


def test_restored_old_copy_is_told_from_the_newest_by_the_snapshots(backed_up, live, newer):
    for examined in (verify_backup(backed_up.backup, kept=newer), verify_deployment(live, kept=newer)):
        (problem,) = examined.problems
        assert problem.place == "audit log gate.example/root"
        assert problem.reason.startswith("rolled_back: entry ")


def test_what_a_retired_key_signed_still_counts(live):
    pem = (live.folder / "keys" / "audit.pem").read_bytes()
    public = serialization.load_pem_private_key(pem, None).public_key()
    new = Ed25519PrivateKey.generate()
    for name, content in (
        ("old.pub", public.public_bytes(Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)),
        ("new.pem", new.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
    ):
        (live.folder / "keys" / name).write_bytes(content)
        (live.folder / "keys" / name).chmod(0o600)
    signing = {"signing_keys": (FileSecret(path="keys/new.pem"),)}
    retired = {"retired_keys": (FileSecret(path="keys/old.pub"),)}

    forgotten = attrs.evolve(live, audit=attrs.evolve(live.audit, **signing))
    known = attrs.evolve(live, audit=attrs.evolve(live.audit, **signing, **retired))

    assert not verify_deployment(forgotten).is_sound
    assert verify_deployment(known).problems == ()


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
