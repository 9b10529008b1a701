"""The sequencer of a server: it works beside the calls, ends what it began, and says what it cannot do."""

import threading
from contextlib import ExitStack

import attrs
import pytest

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.enterprise.audit import (
    ROOT,
    HashChainSettings,
    Pace,
    Retention,
    Sequencer,
    Sequencing,
    SnapshotFolder,
    open_audit_store,
    open_hash_chain,
    sequencing,
    tenant_log,
)
from decision_gate.enterprise.audit.errors import SequencingSettingsError
from decision_gate.enterprise.audit.tlog import Checkpoint, sign_checkpoint
from decision_gate.enterprise.database import now_ms
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.hooks.audit_events import AuditEvent

LOG = tenant_log(7)
ORIGIN = "audit.example.org/t/7"
KEY = """\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
-----END PRIVATE KEY-----
"""


class Clock:
    """A clock that is set."""

    def __init__(self):
        self.now = 1_000_000

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def work(audit, tmp_path, clock):
    return Sequencing(
        store=audit.store,
        names=audit.names,
        sequencer=Sequencer(audit.store, audit.keys),
        retention=Retention(days={}, sealer=audit.sealer),
        snapshots=SnapshotFolder(tmp_path / "snapshots"),
        pace=Pace(interval_ms=10, snapshot_ms=60_000),
        clock=clock,
        report=lambda error: pytest.fail(str(error)),
    )


def test_turn_gives_places_and_keeps_a_snapshot_once_a_minute(audit, work, clock):
    for at, text in ((0, "one"), (59_999, "two"), (60_000, "three"), (60_001, "four")):
        clock.now = 1_000_000 + at
        audit.tell(text, tenant_id=7)
        work.turn()

    assert audit.store.head(LOG).size == 4
    assert work.snapshots.sizes(ORIGIN) == (1, 3)
    work.turn(is_last=True)
    assert work.snapshots.sizes(ORIGIN) == (1, 3, 4)


def test_turn_without_events_keeps_no_snapshot(work):
    work.turn()
    work.turn(is_last=True)

    assert work.snapshots.sizes(ORIGIN) == ()


def test_bodies_are_forgotten_once_an_hour(audit, work, clock):
    clock.now = 500 * 86_400_000
    audit.tell("old", tenant_id=7)
    work.turn()
    work.turn()
    assert [body is None for body in audit.bodies(7)] == [False]

    clock.now += 3_600_000
    work.turn()

    assert [body is None for body in audit.bodies(7)] == [True, False]  # and that it was forgotten
    assert audit.store.waiting_count() == 0


def test_thread_works_beside_and_the_end_waits_for_everything(audit, work):
    is_placed = threading.Event()
    place = work.sequencer.run

    def run():
        count = place()
        if count:
            is_placed.set()
        return count

    work.sequencer.run = run
    with sequencing(work):
        audit.tell("one", tenant_id=7)
        assert is_placed.wait(20)
        audit.tell("two", tenant_id=7)

    assert (audit.store.head(LOG).size, audit.store.waiting_count()) == (2, 0)


def test_what_cannot_be_done_is_told_once_until_it_can(audit, work):
    told = []
    work = attrs.evolve(work, report=told.append)
    failure = StoreUnavailableError("no database")
    run, work.sequencer.run = work.sequencer.run, lambda: (_ for _ in ()).throw(failure)
    audit.tell("one", tenant_id=7)

    work.turn()
    work.turn()
    assert told == [failure]

    work.sequencer.run = run
    work.turn()
    assert audit.store.head(LOG).size == 1
    work.sequencer.run = lambda: (_ for _ in ()).throw(failure)
    work.turn()
    assert told == [failure, failure]


def settings(place, tmp_path, **more):
    values = {
        "log_path": str(tmp_path / "requests.log"),
        "dsn": place.settings.dsn,
        "path": place.settings.path,
        "origin": "audit.example.org",
        "signing_keys": (LiteralSecret(text=KEY),),
        "snapshots": str(tmp_path / "snapshots"),
    }
    return HashChainSettings(**(values | more))


def test_sink_with_a_database_gives_places_until_it_is_closed(place, tmp_path):
    chosen = settings(place, tmp_path)
    with ExitStack() as stack:
        sink = stack.enter_context(open_hash_chain(chosen))
        runs = stack.enter_context(place.runs([sink.rider_table(place.engine)]))
        event = AuditEvent(event="tool_done", members={"timestamp_ms": now_ms(), "tenant_id": "7"})
        runs.record(sink.riders(event))

    with open_audit_store(place.settings) as store:
        assert (store.head(LOG).size, store.waiting_count()) == (1, 0)
    assert SnapshotFolder(tmp_path / "snapshots").sizes(ORIGIN) == (1,)


def test_sink_does_not_open_on_a_database_that_a_snapshot_contradicts(place, tmp_path):
    chosen = settings(place, tmp_path)
    names = chosen.keys().names
    note = sign_checkpoint(Checkpoint(origin=names.origin(ROOT), size=5, root=bytes(32)), chosen.keys().signers(ROOT))
    SnapshotFolder(tmp_path / "snapshots").put(names.origin(ROOT), 5, note)

    with pytest.raises(Exception, match="old copy") as refused, open_hash_chain(chosen):
        pass

    assert refused.value.code == "audit_log_tampered"


@pytest.mark.parametrize(
    "lacking", [{"origin": None}, {"signing_keys": ()}, {"dsn": LiteralSecret(text="x"), "path": "y"}]
)
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_sink_that_could_not_sign_does_not_open(place, tmp_path, lacking):
    with pytest.raises(Exception, match=r"origin|signing_keys|either") as refused:
        settings(place, tmp_path, **lacking).check()

    assert refused.value.code == "config_invalid"


@pytest.mark.parametrize("origin", ["", "with space", "a+b", "line\nfeed", "x" * 201])
def test_origin_that_cannot_stand_in_a_note_is_refused(origin):
    with pytest.raises(SequencingSettingsError):
        HashChainSettings(origin=origin, signing_keys=(LiteralSecret(text=KEY),)).keys()
