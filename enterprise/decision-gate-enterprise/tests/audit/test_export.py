"""An export is verified on any machine, and everything that can be done to it is seen and called by its name."""

import hashlib
import json
import os
import threading

import attrs
import pytest

from decision_gate.core.json import canonical
from decision_gate.enterprise.audit import (
    ROOT,
    Damage,
    ExportFormatError,
    LeafMissingError,
    LogReport,
    export_events,
    export_tiles,
    side_by_side,
    tenant_log,
    verify,
    verify_events,
)
from decision_gate.enterprise.audit.tlog import Checkpoint, open_checkpoint

TENANT = 7
LOG = tenant_log(TENANT)
ORIGIN = "audit.example.org/t/7"


@pytest.fixture
def exported(audit, tmp_path):
    """A whole log of ten entries, exported."""
    audit.tell(*(f"event {n}" for n in range(10)), tenant_id=TENANT)
    audit.tell("other", tenant_id=8)
    audit.sequence()
    export_events(audit.store, LOG, tmp_path / "export")
    return tmp_path / "export"


def verified(audit, folder, kept=()):
    return verify_events(folder, audit.names.verifiers(LOG), kept)


def only(audit, folder, kept=()):
    (finding,) = verified(audit, folder, kept).findings
    return finding.damage, finding.index


def lines(folder):
    return (folder / "events.jsonl").read_bytes().splitlines(keepends=True)


def write(folder, changed):
    (folder / "events.jsonl").write_bytes(b"".join(changed))


def checkpoint(audit):
    return open_checkpoint(audit.store.head(LOG).note, audit.names.verifiers(LOG))


def test_export_verifies_and_its_chain_is_checked_by_a_few_lines_of_any_language(audit, exported):
    previous = "0"
    for index, line in enumerate(lines(exported)):
        record = json.loads(line)
        assert canonical(record) + b"\n" == line
        found = hashlib.sha256(previous.encode() + canonical(record["payload"])).hexdigest()
        assert (record["index"], record["prev_hash"], record["hash"]) == (index, previous, found)
        assert record["body"] == {"text": f"event {index}"}
        previous = found

    manifest = json.loads((exported / "manifest.json").read_bytes())
    assert (manifest["count"], manifest["last_hash"]) == (10, previous)
    assert manifest["sha256"] == hashlib.sha256(b"".join(lines(exported))).hexdigest()
    assert verified(audit, exported, [checkpoint(audit)]) == LogReport(origin=ORIGIN, size=10, erased=0, findings=())


@pytest.mark.parametrize(("start", "end"), [(0, 0), (0, 7), (3, 3), (3, 8), (9, 10), (256, 600), (0, 600), (255, 257)])
def test_stretch_of_a_log_verifies_although_the_rest_is_not_there(audit, tmp_path, start, end):
    audit.tell(*(f"event {n}" for n in range(600)), tenant_id=TENANT)
    audit.sequence()

    export_events(audit.store, LOG, tmp_path / "export", start, end)

    assert verified(audit, tmp_path / "export").findings == ()
    assert len(lines(tmp_path / "export")) == end - start


def test_stretch_of_a_time_holds_all_its_events_and_is_without_gaps(audit):
    for at_ms in (10, 30, 20, 40, 50):
        audit.tell(f"at {at_ms}", tenant_id=TENANT, at_ms=at_ms)
    audit.sequence()

    assert audit.store.stretch(LOG, 20, 40) == (1, 3)
    assert audit.store.stretch(LOG, 20, 41) == (1, 4)
    assert audit.store.stretch(LOG, 60, 70) == (0, 0)


def test_export_of_the_root_log_verifies(audit, exported):
    export_events(audit.store, ROOT, exported.parent / "root")

    report = verify_events(exported.parent / "root", audit.names.verifiers(ROOT))

    assert report.findings == ()
    told = json.loads(lines(exported.parent / "root")[0])["payload"]
    assert Checkpoint.parse(told) == checkpoint(audit)


@pytest.mark.parametrize(
    ("change", "damage", "index"),
    [
        (lambda rows: [*rows[:3], rows[3].replace(b"event 3", b"event X"), *rows[4:]], Damage.EDITED, 3),
        (lambda rows: [*rows[:3], *rows[4:]], Damage.DELETED, 3),
        (lambda rows: [*rows[:4], rows[3], *rows[4:]], Damage.INSERTED, 3),
        (lambda rows: [*rows[:3], rows[4], rows[3], *rows[5:]], Damage.SWAPPED, 3),
        (lambda rows: rows[:6], Damage.TAIL_CUT, 6),
        (lambda _: [], Damage.TAIL_CUT, 0),
        (lambda rows: [*rows[:3], b"{}\n", *rows[4:]], Damage.MALFORMED, 3),
        (lambda rows: [*rows[:3], b"\n", *rows[3:]], Damage.MALFORMED, 3),
        (lambda rows: [*rows[:3], rows[3][:-1] + b" \n", *rows[4:]], Damage.EDITED, 3),
    ],
    ids=["edited", "deleted", "inserted", "swapped", "tail cut", "emptied", "no line", "empty line", "blank"],
)
def test_changed_lines_are_named(audit, exported, change, damage, index):
    write(exported, change(lines(exported)))

    assert only(audit, exported) == (damage, index)


def rechained(rows, change):
    """Change records and chain them anew, as who changes an export can."""
    previous, made = "0", []
    for record in change([json.loads(row) for row in rows]):
        record["prev_hash"] = previous
        previous = record["hash"] = hashlib.sha256(previous.encode() + canonical(record["payload"])).hexdigest()
        made.append(canonical(record) + b"\n")
    return made


def remanifest(folder, rows):
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest |= {"count": len(rows), "last_hash": json.loads(rows[-1])["hash"]}
    (folder / "manifest.json").write_bytes(canonical(manifest))


def test_splice_of_two_exports_is_named(audit, exported):
    audit.tell(*(f"other {n}" for n in range(9)), tenant_id=8)
    audit.sequence()
    export_events(audit.store, tenant_log(8), exported.parent / "other")

    write(exported, [*lines(exported)[:5], *lines(exported.parent / "other")[5:]])

    assert only(audit, exported) == (Damage.SPLICED, 5)


@pytest.mark.parametrize(
    "change",
    [
        lambda records: [*records[:3], records[4] | {"index": 3}, records[3] | {"index": 4}, *records[5:]],
        lambda records: [*records[:3], records[5] | {"index": 3}, *records[4:]],
        lambda records: records[:9],
        lambda records: [record | {"payload": record["payload"] | {"time": 2}} for record in records],
    ],
    ids=["swapped", "replaced", "shortened", "edited"],
)
def test_lines_that_were_chained_anew_still_are_not_those_of_the_checkpoint(audit, exported, change):
    rows = rechained(lines(exported), change)
    write(exported, rows)
    remanifest(exported, rows)

    assert only(audit, exported) == (Damage.FORKED, None)


@pytest.mark.parametrize("changed", [{"body": {"text": "event X"}}, {"salt": "00" * 32}, {"salt": None}])
def test_body_or_salt_that_was_changed_is_named(audit, exported, changed):
    write(exported, rechained(lines(exported), lambda records: [*records[:3], records[3] | changed, *records[4:]]))

    assert only(audit, exported) == (Damage.EDITED, 3)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_one_flipped_bit_anywhere_in_the_lines_is_seen(audit, exported):
    path = exported / "events.jsonl"
    whole = path.read_bytes()
    for place in range(whole.index(b"\n") + 2):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        assert not verified(audit, exported).is_sound, place
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])  # the case of a letter
        assert not verified(audit, exported).is_sound, place


def test_older_export_than_the_checkpoint_that_was_kept_is_named(audit, exported):
    newer = attrs.evolve(checkpoint(audit), size=12)

    assert only(audit, exported, [newer]) == (Damage.ROLLED_BACK, None)


@pytest.mark.parametrize("size", [4, 10])
def test_export_that_contradicts_a_checkpoint_that_was_kept_is_named(audit, exported, size):
    other = attrs.evolve(checkpoint(audit), size=size, root=hashlib.sha256(b"other").digest())

    assert only(audit, exported, [other]) == (Damage.FORKED, None)


def test_export_under_a_key_that_is_not_trusted_says_nothing(audit, exported):
    report = verify_events(exported, audit.names.verifiers(tenant_log(8)))

    assert [finding.damage for finding in report.findings] == [Damage.UNSIGNED]


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version":2}',
        b'{"before":["?"],"behind":[],"count":0,"end":1,"last_hash":null,"origin":"o","start":1,"version":1}',
    ],
)
def test_folder_with_another_manifest_is_no_export(audit, exported, manifest):
    (exported / "manifest.json").write_bytes(manifest)

    with pytest.raises(ExportFormatError):
        verified(audit, exported)


@pytest.mark.parametrize(("start", "end"), [(3, 2), (0, 11), (-1, 2)])
def test_stretch_that_is_not_there_cannot_be_exported(audit, exported, start, end):
    with pytest.raises(LeafMissingError):
        export_events(audit.store, LOG, exported.parent / "none", start, end)


def test_log_as_static_files_has_every_tile_bundle_and_the_checkpoint(audit, tmp_path):
    audit.tell(*(f"event {n}" for n in range(300)), tenant_id=TENANT)
    audit.sequence()

    export_tiles(audit.store, LOG, tmp_path / "log")

    files = sorted(str(path.relative_to(tmp_path / "log")) for path in (tmp_path / "log").rglob("*") if path.is_file())
    assert files == [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ]
    with pytest.raises(LeafMissingError):
        export_tiles(audit.store, tenant_log(99), tmp_path / "none")


@pytest.fixture
def by_parts(monkeypatch):
    """Have small exports read side by side too, by three processes."""
    monkeypatch.setattr(side_by_side, "LEAST_BYTES", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    read, parts = side_by_side.read_side_by_side, []

    def watched(*arguments):
        parts.append(read(*arguments))
        return parts[-1]

    monkeypatch.setattr(verify, "read_side_by_side", watched)
    return parts


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("start", "end"), [(0, 1_000), (100, 900), (0, 3)])
def test_export_that_is_read_side_by_side_is_judged_as_by_reading_in_one_go(audit, tmp_path, by_parts, start, end):
    audit.tell(*(f"event {n}" for n in range(600)), tenant_id=TENANT)
    audit.sequence()
    between = checkpoint(audit)
    audit.tell(*(f"event {n}" for n in range(600, 1_000)), tenant_id=TENANT)
    audit.sequence()
    export_events(audit.store, LOG, tmp_path / "export", start, end)
    forked = attrs.evolve(between, root=hashlib.sha256(b"other").digest())

    assert verified(audit, tmp_path / "export", [between, checkpoint(audit)]).findings == ()
    reports = [verified(audit, tmp_path / "export", [kept]).is_sound for kept in (between, forked)]
    assert reports == [True, end < between.size]
    assert all(parts is not None for parts in by_parts) or end == 3


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_damage_in_any_part_of_a_large_export_is_named(audit, exported, by_parts):
    rows = lines(exported)
    for index in range(10):
        write(exported, [*rows[:index], rows[index].replace(b"event", b"evening"), *rows[index + 1 :]])
        assert only(audit, exported) == (Damage.EDITED, index)
        write(exported, [*rows[:index], *rows[index + 1 :]])
        assert only(audit, exported) == (Damage.DELETED if index < 9 else Damage.TAIL_CUT, index)
    assert by_parts == [None] * 19 + by_parts[-1:]
