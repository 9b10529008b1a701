"""Snapshots are made once, and a database that does not continue them is not served."""

import shutil

import attrs
import pytest

from decision_gate.enterprise.audit import (
    ROOT,
    LogTamperedError,
    SnapshotFolder,
    SnapshotTakenError,
    demand_continuation,
    kept_checkpoints,
    open_audit_store,
    publish,
    tenant_log,
)
from decision_gate.enterprise.audit.tlog import open_checkpoint
from decision_gate.enterprise.database import DatabaseSettings

LOG = tenant_log(7)
ORIGIN = "audit.example.org/t/7"


@pytest.fixture
def snapshots(tmp_path):
    return SnapshotFolder(tmp_path / "snapshots")


def keep(audit, snapshots, *texts):
    audit.tell(*texts, tenant_id=7)
    audit.sequence()
    return publish(audit.store, audit.names, snapshots, [LOG, ROOT])


def test_checkpoints_are_kept_by_size_and_read_back_with_a_key(audit, snapshots):
    assert kept_checkpoints(snapshots, ORIGIN, audit.names.verifiers(LOG)) == ()

    assert keep(audit, snapshots, "one") == 2
    keep(audit, snapshots, "two", "three")
    keep(audit, snapshots)

    kept = kept_checkpoints(snapshots, ORIGIN, audit.names.verifiers(LOG))
    assert [each.size for each in kept] == [1, 3]
    assert kept[-1] == open_checkpoint(audit.store.head(LOG).note, audit.names.verifiers(LOG))
    assert audit.findings({ORIGIN: kept}) == []


def test_snapshot_is_never_written_over(audit, snapshots):
    keep(audit, snapshots, "one")
    note = audit.store.head(LOG).note

    with pytest.raises(SnapshotTakenError) as refused:
        snapshots.put(ORIGIN, 1, note.replace("\n1\n", "\n2\n", 1))

    assert (refused.value.code, snapshots.get(ORIGIN, 1)) == ("audit_snapshot_taken", note)


def test_log_without_an_entry_has_no_snapshot(audit, snapshots):
    assert publish(audit.store, audit.names, snapshots, [LOG]) == 0
    assert snapshots.sizes(ORIGIN) == ()


def test_database_that_continues_the_newest_snapshot_is_served(audit, snapshots):
    demand_continuation(audit.store, audit.names, snapshots)
    keep(audit, snapshots, "one")
    demand_continuation(audit.store, audit.names, snapshots)
    audit.tell("two", tenant_id=7)
    audit.sequence()

    demand_continuation(audit.store, audit.names, snapshots)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_old_copy_of_the_database_is_not_served_and_named(audit, place, snapshots, tmp_path):
    keep(audit, snapshots, "one")
    with open_audit_store(place.settings):
        shutil.copy(place.settings.path, tmp_path / "old.db")
        for ending in ("-wal", "-shm"):
            shutil.copy(place.settings.path + ending, tmp_path / f"old.db{ending}")
    keep(audit, snapshots, "two")

    with open_audit_store(DatabaseSettings(path=str(tmp_path / "old.db"))) as old:
        with pytest.raises(LogTamperedError, match="old copy"):
            demand_continuation(old, audit.names, snapshots)
        restored = attrs.evolve(audit, store=old)
        assert restored.findings() == []
        kept = {ORIGIN: kept_checkpoints(snapshots, ORIGIN, audit.names.verifiers(LOG))}
        assert [found.partition(":")[0] for found in restored.findings(kept)] == ["rolled_back"]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_database_that_forked_is_not_served(audit, snapshots, tmp_path):
    """The same tenant and key, another history: as after a restore that went on for a while."""
    keep(audit, snapshots, "one")
    other = tmp_path / "other.db"
    with open_audit_store(DatabaseSettings(path=str(other))) as store:
        forked = attrs.evolve(audit, store=store, runs=_Outbox(store))
        forked.tell("another", tenant_id=7)
        forked.sequence()

        with pytest.raises(LogTamperedError, match="forked"):
            demand_continuation(store, audit.names, snapshots)
        with pytest.raises(SnapshotTakenError):
            publish(store, audit.names, snapshots, [LOG])


class _Outbox:
    """Writes riders into the outbox of a store that has no runs."""

    def __init__(self, store):
        self._store = store

    def record(self, riders):
        for rider in riders:
            self._store.erase(LOG, (), rider)
