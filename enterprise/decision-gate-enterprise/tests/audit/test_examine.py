"""Everything that can be done to a log is seen and called by its name."""

import hashlib

import attrs
import pytest

from decision_gate.enterprise.audit import ROOT, Damage, PostgresAuditStore, examine, examine_log, tenant_log
from decision_gate.enterprise.audit.tlog import Checkpoint, Tree, grow, leaf_hash, open_checkpoint, sign_checkpoint

TENANT = 7
LOG = tenant_log(TENANT)
ORIGIN = "audit.example.org/t/7"


@pytest.fixture(params=[9, 700], ids=["one tile", "three tiles"])
def filled(audit, request):
    """A log of two sizes of tree, and another log beside it."""
    audit.tell(*(f"event {n}" for n in range(request.param)), tenant_id=TENANT)
    audit.tell("event 0", "other", tenant_id=8)
    audit.sequence()
    return audit


def report(audit, kept=()):
    return examine_log(audit.store, audit.names, LOG, kept)


def as_stored(audit, note):
    """Return a note as the column of the engine holds it."""
    return note.encode() if isinstance(audit.store, PostgresAuditStore) else note


def only(audit, kept=()):
    """Return damage and place of the only finding of a log."""
    (finding,) = report(audit, kept).findings
    assert finding.origin == ORIGIN
    return finding.damage, finding.index


def checkpoint(audit, log=LOG):
    return open_checkpoint(audit.store.head(log).note, audit.names.verifiers(log))


def test_log_that_nobody_touched_is_sound(filled):
    assert [found.is_sound for found in examine(filled.store, filled.names)] == [True, True, True]
    assert report(filled, [checkpoint(filled)]).findings == ()


@pytest.mark.parametrize("index", [0, 4, 8])
def test_edited_entry(filled, execute, index):
    entry = b'{"body":"' + b"0" * 64 + b'","tenant":"7"}'
    execute("UPDATE audit_leaves SET entry = ? WHERE log = ? AND idx = ?", entry, LOG, index)

    assert only(filled) == (Damage.EDITED, index)


def test_edited_body(filled, execute):
    execute("UPDATE audit_leaves SET body = ? WHERE log = ? AND idx = 3", b'{"text":"event 33"}', LOG)

    assert only(filled) == (Damage.EDITED, 3)


@pytest.mark.parametrize(
    "change", ["class = 'decision'", "time = time + 1", "subject = entry", "key = salt", "key = NULL"]
)
def test_entry_that_is_found_by_something_else_than_it_says(filled, execute, change):
    """Who moves the time of an event has its body forgotten early; who moves its run hides it from proofs and holds."""
    execute(f"UPDATE audit_leaves SET {change} WHERE log = ? AND idx = 3", LOG)  # noqa: S608 - own statements

    assert only(filled) == (Damage.INDEX_CHANGED, 3)


def test_entry_with_the_place_of_another_is_seen_when_nothing_keeps_places_apart(filled, execute, place):
    if place.engine == "postgres":
        name = "'ALTER TABLE decision_gate.audit' || '_leaves DROP CONSTRAINT audit' || '_leaves_pkey'"
        execute(f"DO $$ BEGIN EXECUTE {name}; END $$")
    else:
        execute("DROP INDEX audit_leaves_place")
    size = filled.store.head(LOG).size
    last_of_a_page = min(size, 512) - 1
    insert = "INSERT INTO audit_leaves (log, idx, entry, class, time) VALUES "
    execute(f"{insert}(?, {last_of_a_page}, ?, 'call', 1)", LOG, b"{}")

    (finding, *_) = report(filled).findings
    assert finding.damage in (Damage.INSERTED, Damage.EDITED)


def test_deleted_entry(filled, execute):
    execute("DELETE FROM audit_leaves WHERE log = ? AND idx = 3", LOG)

    assert only(filled) == (Damage.DELETED, 3)


def test_deleted_entry_whose_gap_was_closed(filled, execute):
    execute("DELETE FROM audit_leaves WHERE log = ? AND idx = 3", LOG)
    execute("UPDATE audit_leaves SET idx = idx + 1000000 WHERE log = ? AND idx > 3", LOG)
    execute("UPDATE audit_leaves SET idx = idx - 1000001 WHERE log = ? AND idx > 1000000", LOG)

    assert only(filled) == (Damage.DELETED, 3)


def test_inserted_entry(filled, execute):
    execute("UPDATE audit_leaves SET idx = idx + 1000000 WHERE log = ? AND idx >= 3", LOG)
    execute("UPDATE audit_leaves SET idx = idx - 999999 WHERE log = ? AND idx > 1000000", LOG)
    execute(
        "INSERT INTO audit_leaves (log, idx, entry, class, time) VALUES (?, 3, ?, 'call', 1)",
        LOG,
        b'{"body":"","tenant":"7"}',
    )

    assert only(filled) == (Damage.INSERTED, 3)


def test_entry_behind_the_end(filled, execute):
    size = filled.store.head(LOG).size
    statement = f"INSERT INTO audit_leaves (log, idx, entry, class, time) VALUES (?, {size}, ?, 'call', 1)"  # noqa: S608 - texts of this test alone
    execute(statement, LOG, b"{}")

    assert only(filled) == (Damage.INSERTED, size)


def test_swapped_entries(filled, execute):
    for old, new in ((3, 1000), (5, 3), (1000, 5)):
        statement = f"UPDATE audit_leaves SET idx = {new} WHERE log = ? AND idx = {old}"  # noqa: S608 - own names
        execute(statement, LOG)

    assert only(filled) == (Damage.SWAPPED, 3)


def test_spliced_entry_of_another_log(filled, execute):
    other = next(iter(filled.store.leaves(tenant_log(8))))
    execute("UPDATE audit_leaves SET entry = ? WHERE log = ? AND idx = 3", other.entry, LOG)

    assert only(filled) == (Damage.SPLICED, 3)


def test_spliced_log_under_the_name_of_another(filled, execute):
    """A whole log, moved with its tiles and its checkpoint, is sound in itself and still not this one."""
    for table in ("audit_leaves", "audit_tiles", "audit_logs"):
        execute(f"DELETE FROM {table} WHERE log = ?", LOG)  # noqa: S608 - own names
        execute(f"UPDATE {table} SET log = ? WHERE log = ?", LOG, tenant_log(8))  # noqa: S608 - own names

    reports = {found.origin: found for found in examine(filled.store, filled.names)}

    assert [finding.damage for finding in reports[ORIGIN].findings] == [Damage.UNSIGNED]
    assert [finding.text for finding in reports["audit.example.org/t/8"].findings] == ["the whole log is gone"]


def test_cut_tail(filled, execute):
    execute("DELETE FROM audit_leaves WHERE log = ? AND idx > 5", LOG)

    assert only(filled) == (Damage.TAIL_CUT, 6)


def test_cut_tail_with_its_tiles(filled, execute):
    """Who cuts leaves, tiles and size alike cannot make the signature that fits."""
    size = filled.store.head(LOG).size
    kept = Tree(lambda level, number: filled.store.tile(LOG, level, number)).root(6)
    execute("DELETE FROM audit_leaves WHERE log = ? AND idx > 5", LOG)
    execute("UPDATE audit_tiles SET hashes = substr(hashes, 1, 192) WHERE log = ? AND level = 0 AND n = 0", LOG)
    execute("DELETE FROM audit_tiles WHERE log = ? AND (level > 0 OR n > 0)", LOG)
    execute("UPDATE audit_logs SET size = 6, root = ? WHERE log = ?", kept, LOG)

    assert only(filled) == (Damage.TAIL_CUT, 6)
    assert size > 6


@pytest.mark.parametrize(("filled", "level"), [(9, 0), (700, 0), (700, 1)], indirect=["filled"])
def test_changed_tile_is_told_from_a_changed_entry(filled, execute, level):
    tile = bytearray(filled.store.tile(LOG, level, 0))
    tile[0] ^= 1
    statement = f"UPDATE audit_tiles SET hashes = ? WHERE log = ? AND level = {level} AND n = 0"  # noqa: S608 - texts of this test alone
    execute(statement, bytes(tile), LOG)

    assert only(filled)[0] is Damage.TILES_CHANGED


def test_checkpoint_that_is_not_signed(filled, execute):
    note = filled.store.head(LOG).note
    forged = note[:-9] + ("AAAA" if note[-9:-5] != "AAAA" else "BBBB") + note[-5:]
    execute("UPDATE audit_logs SET note = ? WHERE log = ?", as_stored(filled, forged), LOG)

    assert only(filled) == (Damage.UNSIGNED, None)


def test_rollback_to_an_old_database_is_seen_by_a_kept_checkpoint_and_by_nothing_else(filled):
    """An old copy of everything is sound in itself: the newer checkpoint must have been kept elsewhere."""
    old = checkpoint(filled)
    newer = attrs.evolve(old, size=old.size + 5, root=hashlib.sha256(b"newer").digest())

    assert report(filled, [old]).is_sound
    assert only(filled, [old, newer]) == (Damage.ROLLED_BACK, old.size)


def test_fork_is_seen_by_a_kept_checkpoint(filled):
    other = attrs.evolve(checkpoint(filled), size=5, root=hashlib.sha256(b"other").digest())

    assert only(filled, [other]) == (Damage.FORKED, None)


def rewrite(audit, execute, log, entries):
    """Write a log anew with the key of the deployment: the work of an insider who has all of it."""
    tiles = {}
    grown = grow(0, [leaf_hash(entry) for entry in entries], lambda level, number: tiles.get((level, number), b""))
    note = sign_checkpoint(
        Checkpoint(origin=audit.names.origin(log), size=grown.size, root=grown.root), audit.keys.signers(log)
    )
    there = [leaf.entry for leaf in audit.store.leaves(log)]
    for index, entry in enumerate(entries):
        if entry == there[index]:
            continue
        forgotten = "key = NULL, body = NULL, salt = NULL"
        statement = f"UPDATE audit_leaves SET entry = ?, {forgotten} WHERE log = ? AND idx = {index}"  # noqa: S608 - texts of this test alone
        execute(statement, entry, log)
    for tile in grown.tiles:
        statement = f"UPDATE audit_tiles SET hashes = ? WHERE log = ? AND level = {tile.level} AND n = {tile.number}"  # noqa: S608 - texts of this test alone
        execute(statement, tile.hashes, log)
    execute("UPDATE audit_logs SET root = ?, note = ? WHERE log = ?", grown.root, as_stored(audit, note), log)


def test_log_that_was_written_anew_and_signed_contradicts_the_root_log(filled, execute):
    entries = [leaf.entry for leaf in filled.store.leaves(LOG)]
    entries[2] = entries[1]
    rewrite(filled, execute, LOG, entries)

    reports = {found.origin: found for found in examine(filled.store, filled.names)}

    assert [finding.damage for finding in reports[ORIGIN].findings] == [Damage.FORKED]


def test_root_log_that_was_written_anew_too_contradicts_a_kept_checkpoint(filled, execute):
    root = checkpoint(filled, ROOT)
    entries = [leaf.entry for leaf in filled.store.leaves(LOG)]
    entries[2] = entries[1]
    rewrite(filled, execute, LOG, entries)
    told = [Checkpoint.parse(leaf.entry.decode()) for leaf in filled.store.leaves(ROOT)]
    new = [checkpoint(filled).text() if each.origin == ORIGIN else each.text() for each in told]
    rewrite(filled, execute, ROOT, [text.encode() for text in new])

    assert all(found.is_sound for found in examine(filled.store, filled.names))
    (finding,) = [
        finding for found in examine(filled.store, filled.names, {root.origin: [root]}) for finding in found.findings
    ]
    assert (finding.damage, finding.origin) == (Damage.FORKED, "audit.example.org/root")


def test_log_that_is_gone_is_missed_by_the_root_log(filled, execute):
    for table in ("audit_leaves", "audit_tiles", "audit_logs"):
        execute(f"DELETE FROM {table} WHERE log = ?", LOG)  # noqa: S608 - own names

    assert filled.findings() == [f"tail_cut: {ORIGIN} entry 0: the whole log is gone"]
