"""Looking after a database file: verify, back up, restore, erase (architecture §2)."""

import hashlib
import os
import sqlite3
import stat

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import canonical
from decision_gate.core.model import AgentTarget, DataShapeRecord, JsonPayload
from decision_gate.core.ports import Log, RunQuery
from decision_gate.core.testing.world import KEY, World, condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.stores.sqlite import (
    ERASABLE,
    SqliteArchive,
    SqliteDataShapeRegistry,
    SqliteRunStore,
    SqliteScenarioStore,
    StoreReport,
    back_up,
    erase_run,
    finished_before,
    restore,
    verify_store,
)

PLACE = "tenant 1 namespace 1 run run-1"
SHAPE = DataShapeRecord(
    tenant_id=1,
    namespace_id=1,
    schema_id="shape",
    version="1",
    schema={"type": "object"},
    created_at=UnixMillis(5),
    description=None,
    signing=None,
)


class Kept:
    """A file with one completed run, its scenario and a data shape."""

    def __init__(self, file):
        self.file = file
        database = file.open()
        self.runs = SqliteRunStore(database)
        spec = scenario(
            [stage("one", [gate("g", "a")], "linear"), stage("two", entry_packets=[packet("p", "public payload")])],
            [condition("a", comparator="exists")],
        )
        self.world = World.of(spec, runs=self.runs, scenarios=SqliteScenarioStore(database))
        SqliteDataShapeRegistry(database).register(SHAPE)
        self.world.facts.answers = {"a": "secret evidence"}
        self.world.start(targets=[AgentTarget(agent_id="bot")])
        self.world.next("t1")
        self.world.submit("s", JsonPayload(value="secret submission"))
        self.world.next("t2")

    @property
    def archive(self):
        return SqliteArchive(self.file.path)


@pytest.fixture
def kept(file):
    return Kept(file)


def sound(**changes):
    counts = {"runs": 1, "commits": 4, "scenarios": 1, "data_shapes": 1, "erased": 0, "problems": ()}
    return StoreReport(**{**counts, **changes})


def damage(file, statement, *values):
    connection = sqlite3.connect(file.path, isolation_level=None)
    changed = connection.execute(statement, values).rowcount
    connection.close()
    assert changed > 0


def test_a_sound_file_is_counted_and_nothing_is_found(kept):
    assert verify_store(kept.archive) == sound()


def test_verifying_changes_no_byte_and_needs_no_right_to_write(kept, tmp_path):
    back_up(kept.file.path, tmp_path / "copy.db")
    before = (tmp_path / "copy.db").read_bytes()
    (tmp_path / "copy.db").chmod(0o400)

    assert verify_store(SqliteArchive(tmp_path / "copy.db")) == sound()
    assert (tmp_path / "copy.db").read_bytes() == before


NO_SPEC = canonical({"scenario_id": "scenario"})


@pytest.mark.parametrize(
    ("statement", "values", "problems"),
    [
        (
            "UPDATE records SET body = x'7b7d' WHERE log = 3 AND seq = 1",
            (),
            [f"{PLACE}: commit 2: decisions 1 does not match its hash"],
        ),
        ("DELETE FROM records WHERE version = 3", (), [f"{PLACE}: commit 3 is missing"]),
        ("UPDATE records SET log = 99 WHERE log = 3", (), [f"{PLACE}: commit 2: a record cannot be read"]),
        (
            "UPDATE records SET key = x'ff' WHERE log = 3 AND seq = 1",
            (),
            [f"{PLACE}: commit 2: a record cannot be read"],
        ),
        ("UPDATE records SET sha256 = NULL WHERE log = 3", (), [f"{PLACE}: commit 2: a record cannot be read"]),
        (
            "UPDATE runs SET run_id = x'72ff'",
            (),
            ["tenant 1 namespace 1 run r\ufffd: run not found: r\ufffd"],
        ),
        (
            "UPDATE runs SET head = x'00'",
            (),
            [f"{PLACE}: the head of the run cannot be read"],
        ),
        (
            "UPDATE records SET run = 7 WHERE version = 4",
            (),
            [f"{PLACE}: commit 4 is missing", "records: 4 belong to no run"],
        ),
        (
            "UPDATE scenario_versions SET body = CAST(replace(CAST(body AS TEXT), 'two', 'owt') AS BLOB)",
            (),
            ["scenario scenario {hash}: it does not match its hash"],
        ),
        (
            "UPDATE scenario_versions SET body = ?, spec_hash = ?",
            (NO_SPEC, hashlib.sha256(NO_SPEC).hexdigest().encode()),
            [
                f"{PLACE}: its scenario {{hash}} is not here",
                f"scenario scenario {hashlib.sha256(NO_SPEC).hexdigest()}: it cannot be read: missing field",
                "scenario scenario: its current version is missing",
            ],
        ),
        (
            "UPDATE scenario_versions SET spec_version = x'32'",
            (),
            ["scenario scenario {hash}: its row does not say what it says"],
        ),
        (
            "UPDATE data_shapes SET tenant = x'0000000000000002'",
            (),
            ["data shape shape 1: its row does not say what it says"],
        ),
        ("UPDATE data_shapes SET schema_bytes = 1", (), ["data shape shape 1: its size is not the one recorded"]),
        ("UPDATE data_shapes SET body = x'7b'", (), ["data shape shape 1: it cannot be read"]),
        (
            "UPDATE schema_version SET version = 0 WHERE component = 'stores'",
            (),
            ["the file: schema version 0, expected 1"],
        ),
    ],
)
def test_every_damage_is_named_with_its_place(kept, statement, values, problems):
    spec_hash = kept.world.state().spec_hash.value
    damage(kept.file, statement, *values)

    found = [str(problem) for problem in verify_store(kept.archive).problems]

    assert len(found) == len(problems)
    for told, expected in zip(found, problems, strict=True):
        assert told.startswith(expected.replace("{hash}", spec_hash))


def test_pages_that_were_overwritten_are_a_finding_and_no_crash(kept, tmp_path):
    copy = tmp_path / "copy.db"
    back_up(kept.file.path, copy)
    content = bytearray(copy.read_bytes())
    content[8192:12288] = os.urandom(4096)
    copy.write_bytes(content)

    assert not verify_store(SqliteArchive(copy)).is_sound


@pytest.mark.parametrize(
    ("content", "code"), [(None, "store_path"), (b"not a database, but text" * 50, "store_corrupt")]
)
def test_what_is_no_database_is_refused(tmp_path, content, code):
    path = tmp_path / "gate.db"
    if content is not None:
        path.write_bytes(content)

    try:
        report = verify_store(SqliteArchive(path))
    except DecisionGateError as error:
        assert error.code == code  # noqa: PT017 - a file that is damaged may be reported instead
    else:
        assert not report.is_sound


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()

    with pytest.raises(DecisionGateError) as refused:
        back_up(path, tmp_path / "copy.db")

    assert refused.value.code == "store_foreign"
    assert not (tmp_path / "copy.db").exists()


def test_a_backup_is_one_private_file_as_of_one_moment_while_the_store_goes_on(kept, tmp_path):
    target = tmp_path / "backups" / "copy.db"

    report = back_up(kept.file.path, target)
    kept.world.status()

    assert report == sound() == verify_store(SqliteArchive(target))
    assert list(target.parent.iterdir()) == [target]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert SqliteArchive(target).head(KEY).version == 4
    assert kept.archive.head(KEY).version == 5


def test_a_restored_file_is_a_store_that_goes_on(kept, tmp_path):
    back_up(kept.file.path, tmp_path / "copy.db")
    kept.file.close()
    for path in tmp_path.glob("gate.db*"):
        path.unlink()

    assert restore(tmp_path / "copy.db", kept.file.path) == sound()

    runs = SqliteRunStore(kept.file.open())
    assert runs.check(KEY).is_sound
    assert runs.head(KEY).version == 4


@pytest.mark.parametrize("in_the_way", ["target.db", "target.db-wal", "target.db-shm", "target.db-journal"])
def test_nothing_is_overwritten_and_no_foreign_journal_adopted(kept, tmp_path, in_the_way):
    back_up(kept.file.path, tmp_path / "copy.db")
    (tmp_path / in_the_way).write_bytes(b"here first")

    with pytest.raises(DecisionGateError) as refused:
        restore(tmp_path / "copy.db", tmp_path / "target.db")

    assert refused.value.code == "store_target_taken"
    assert (tmp_path / in_the_way).read_bytes() == b"here first"


def test_a_damaged_file_is_neither_backed_up_nor_restored(kept, tmp_path):
    damage(kept.file, "UPDATE records SET body = x'7b7d' WHERE log = 3")

    with pytest.raises(DecisionGateError) as refused:
        back_up(kept.file.path, tmp_path / "backups" / "copy.db")

    assert refused.value.code == "store_unsound"
    assert list((tmp_path / "backups").iterdir()) == []


def test_erased_bodies_are_gone_from_the_file_and_the_chain_holds(kept):
    erasure = erase_run(kept.runs, KEY, reason="request 7", at_ms=9)

    assert (erasure.key, erasure.records) == (KEY, 3)
    assert verify_store(kept.archive) == sound(erased=3)
    kept.file.close()
    assert b"secret" not in kept.file.path.read_bytes()
    assert list(kept.archive.read(KEY, Log.PACKETS)) == [
        b'{"erased":{"at":{"kind":"unix_millis","value":9},"reason":"request 7"}}'
    ]


def test_erasing_again_erases_what_is_new_only(kept):
    erase_run(kept.runs, KEY, reason="first", at_ms=1)
    kept.world.submit("again", JsonPayload(value="secret"))

    assert erase_run(kept.runs, KEY, reason="second", at_ms=2).records == 1
    first, second = kept.runs.read(KEY, Log.SUBMISSIONS)
    assert (b"first" in first, b"second" in second) == (True, True)


def test_announcements_of_dispatches_go_with_the_evidence_they_repeat(file):
    database = file.open()
    runs = SqliteRunStore(database)
    spec = scenario(
        [stage("one", [gate("g", "a")], "linear"), stage("two", entry_packets=[packet("p")])], [condition("a")]
    )
    world = World.of(spec, runs=runs, scenarios=SqliteScenarioStore(database))
    world.dispatcher.has_effects = True
    world.facts.answers = {"a": True}
    world.start(targets=[AgentTarget(agent_id="bot")])
    world.next("t1")

    assert erase_run(runs, KEY, reason="r", at_ms=1, logs=[Log.GATE_EVALS]).records == 2
    assert next(runs.read(KEY, Log.INTENTS)).startswith(b'{"erased"')


def test_a_dispatch_under_way_keeps_its_announcement(file):
    database = file.open()
    runs = SqliteRunStore(database)
    spec = scenario([stage("one", advance="linear"), stage("two", entry_packets=[packet("p")])])
    world = World.of(spec, runs=runs, scenarios=SqliteScenarioStore(database))
    world.dispatcher.has_effects = True
    world.start(targets=[AgentTarget(agent_id="bot")])
    codes = []

    def erase(*_arguments, **_named):
        with pytest.raises(DecisionGateError) as refused:
            erase_run(runs, KEY, reason="r", at_ms=1)
        codes.append(refused.value.code)
        raise ZeroDivisionError

    world.dispatcher.dispatch = erase
    with pytest.raises(ZeroDivisionError):
        world.next("t1")

    assert codes == ["run_busy"]


@pytest.mark.parametrize("log", sorted(set(Log) - set(ERASABLE), key=lambda log: log.value))
def test_what_proves_a_run_cannot_be_erased(kept, log):
    with pytest.raises(DecisionGateError) as refused:
        erase_run(kept.runs, KEY, reason="r", at_ms=1, logs=[log])

    assert refused.value.code == "not_erasable"


def test_only_finished_runs_that_nobody_touched_since_are_old(kept):
    query = RunQuery(tenant_id=1)
    saved = [summary.saved_at for summary in kept.runs.runs(query, None, 10).items]

    assert [summary.head.key for summary in finished_before(kept.runs, query, saved[0] + 1)] == [KEY]
    assert list(finished_before(kept.runs, query, saved[0])) == []


def test_a_run_can_be_read_as_of_any_version(kept):
    assert [kept.archive.head(KEY, version).status.value for version in (1, 2, 4)] == ["active", "active", "completed"]
    with pytest.raises(DecisionGateError) as refused:
        kept.archive.head(KEY, 5)
    assert refused.value.code == "run_version_missing"


def test_the_scenario_of_a_run_is_found_by_its_hash(kept):
    spec = kept.archive.spec(kept.archive.head(KEY))

    assert hashlib.sha256(spec).hexdigest() == kept.world.state().spec_hash.value
