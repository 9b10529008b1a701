"""The sequencer on each engine: every leaf one place, in order, signed; nothing signed on a history that is not its."""

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from decision_gate.core.json import parse
from decision_gate.core.ports import ConflictError, RunKey, StoreUnavailableError
from decision_gate.core.testing.runs import start_commit, step_commit
from decision_gate.enterprise.audit import DEPLOYMENT, ROOT, LogHead, LogTamperedError, Sequencer, tenant_log
from decision_gate.enterprise.audit.store import Placement
from decision_gate.enterprise.audit.tlog import Checkpoint, open_checkpoint

TENANT = 2**53 - 1
LOG = tenant_log(TENANT)


def body(text):
    return b'{"text":"%b"}' % text.encode()


def test_event_of_a_commit_waits_and_then_has_a_place_under_a_signed_checkpoint(audit):
    head = audit.runs.create(start_commit(RunKey(TENANT, 1, "run")), [audit.rider("start")])
    audit.runs.append(step_commit(head, "one"), [audit.rider("decided"), audit.rider("and more")])
    assert (audit.store.waiting_count(), audit.store.head(LOG)) == (3, LogHead())

    assert audit.sequence() == 3

    assert audit.bodies() == [body("start"), body("decided"), body("and more")]
    assert audit.store.waiting_count() == 0
    log_head = audit.store.head(LOG)
    checkpoint = open_checkpoint(log_head.note, audit.names.verifiers(LOG))
    assert checkpoint == Checkpoint(origin=f"audit.example.org/t/{TENANT}", size=3, root=log_head.root)
    assert [leaf.entry.decode() for leaf in audit.store.leaves(ROOT)] == [checkpoint.text()]
    assert audit.findings() == []


def test_event_of_a_commit_that_lost_has_no_place_and_a_repeated_one_only_one(audit):
    head = audit.runs.create(start_commit(RunKey(TENANT, 1, "run")))
    audit.runs.append(step_commit(head, "one"), [audit.rider("won")])
    with pytest.raises(ConflictError):
        audit.runs.append(step_commit(head, "two"), [audit.rider("lost")])
    audit.tell("won")

    audit.sequence()
    audit.tell("won", "won", "new", "new")
    audit.sequence()
    audit.tell("won")

    assert audit.sequence() == 0
    assert audit.bodies() == [body("won"), body("new")]
    assert audit.store.waiting_count() == 0


def test_two_processes_that_seal_one_event_give_it_one_place(audit):
    """The key of an event is its own; only the salt is the process's."""
    other = attrs.evolve(audit, sealer=type(audit.sealer)(b"another process"))
    audit.tell("won")
    other.tell("won")

    audit.sequence()

    assert audit.bodies() == [body("won")]


def test_logs_of_tenants_grow_apart_and_the_root_log_knows_them_all(audit):
    for text in ("one", "two", "three"):
        audit.tell(text, tenant_id=1)
        audit.tell(text, tenant_id=DEPLOYMENT)
        audit.sequence()

    told = [Checkpoint.parse(leaf.entry.decode()) for leaf in audit.store.leaves(ROOT)]
    assert [(each.origin, each.size) for each in told] == [
        (f"audit.example.org/{name}", size) for size in (1, 2, 3) for name in ("deployment", "t/1")
    ]
    assert audit.findings() == []


def test_many_writers_and_sequencers_make_sound_logs_and_lose_and_double_nothing(audit):
    def write(n):
        audit.runs.record([audit.rider(f"{n} of {tenant}", tenant) for tenant in (n % 3 + 1, 9, n % 2 + 4)])
        if n % 15 == 0:
            Sequencer(audit.store, audit.keys, batch=30).run()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(60)))
    audit.sequence()

    texts = {tenant: [parse(each)["text"] for each in audit.bodies(tenant)] for tenant in (1, 2, 3, 4, 5, 9)}
    assert {tenant: len(set(found)) for tenant, found in texts.items()} == {1: 20, 2: 20, 3: 20, 4: 30, 5: 30, 9: 60}
    assert sum(map(len, texts.values())) == 180
    assert audit.findings() == []


def test_event_behind_the_backlog_of_another_tenant_waits_for_what_came_before_it_at_most(audit):
    audit.tell(*(str(n) for n in range(50)), tenant_id=1)
    audit.tell("late", tenant_id=2)
    audit.tell(*(str(n) for n in range(50, 100)), tenant_id=1)
    watched = Watched(audit.store)

    assert Sequencer(watched, audit.keys, batch=10).run() == 101

    assert any(tenant_log(2) in logs for logs in watched.rounds[:6])


class Watched:
    """A store that remembers which logs each round extended."""

    def __init__(self, store):
        self.rounds = []
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    def place(self, placement):
        self.rounds.append([grown.log for grown in placement.growths])
        return self._store.place(placement)


def test_log_of_more_than_a_tile_is_sound_and_extended_from_its_tiles(audit):
    for start in range(0, 1_100, 275):
        audit.tell(*(str(n) for n in range(start, start + 275)))
        audit.sequence()

    assert [parse(each)["text"] for each in audit.bodies()] == [str(n) for n in range(1_100)]
    assert audit.findings() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_tiles SET hashes = ? WHERE log = ? AND level = 0",
        "UPDATE audit_logs SET root = ? WHERE log = ?",
        "UPDATE audit_logs SET root = ?, size = size - 1 WHERE log = ?",
    ],
)
def test_nothing_is_signed_on_top_of_a_history_that_was_changed_and_other_logs_go_on(audit, execute, statement):
    audit.tell("one", "two", tenant_id=7)
    audit.sequence()
    assert execute(statement, bytes(32) * (2 if "hashes" in statement else 1), tenant_log(7)) == 1
    audit.tell("three", tenant_id=7)
    audit.tell("other", tenant_id=8)

    with pytest.raises(LogTamperedError) as refused:
        audit.sequence()

    assert refused.value.origin == "audit.example.org/t/7"
    assert audit.bodies(7) == [body("one"), body("two")]
    assert audit.bodies(8) == [body("other")]
    assert audit.store.waiting_count() == 1


def test_log_that_was_removed_does_not_begin_again(audit, execute):
    audit.tell("one", tenant_id=7)
    audit.sequence()
    for table in ("audit_logs", "audit_leaves", "audit_tiles"):
        execute(f"DELETE FROM {table} WHERE log = ?", tenant_log(7))  # noqa: S608 - our own names
    audit.tell("two", tenant_id=7)

    with pytest.raises(LogTamperedError):
        audit.sequence()


def test_root_log_that_is_set_back_while_the_server_runs_is_noticed(audit, execute):
    sequencer = Sequencer(audit.store, audit.keys)
    for text in ("one", "two", "three"):
        audit.tell(text, tenant_id=7)
        sequencer.run()
    execute("DELETE FROM audit_logs WHERE log = ?", ROOT)
    execute("DELETE FROM audit_leaves WHERE log = ?", ROOT)
    execute("DELETE FROM audit_logs WHERE log = ?", tenant_log(7))
    audit.tell("four", tenant_id=8)

    with pytest.raises(LogTamperedError) as refused:
        sequencer.run()

    assert refused.value.origin == "audit.example.org/root"


def test_another_key_does_not_continue_a_log_unless_the_old_one_stands_beside_it_or_is_retired(audit):
    old = audit.keys.keys
    new = Ed25519PrivateKey.from_private_bytes(b"another key of the deployment...")
    audit.tell("one")
    audit.sequence()
    audit.tell("two")

    with pytest.raises(LogTamperedError):
        attrs.evolve(audit, keys=attrs.evolve(audit.keys, keys=(new,))).sequence()
    attrs.evolve(audit, keys=attrs.evolve(audit.keys, keys=(*old, new))).sequence()
    audit.tell("three")
    rotated = attrs.evolve(audit, keys=attrs.evolve(audit.keys, keys=(new,)))
    rotated.sequence()
    lost = attrs.evolve(audit.keys, keys=old, retired=(new.public_key().public_bytes_raw(),))
    audit.tell("four")
    attrs.evolve(audit, keys=lost).sequence()

    assert audit.bodies() == [body("one"), body("two"), body("three"), body("four")]
    assert audit.findings() == []
    assert [found.partition(":")[0] for found in rotated.findings()] == ["unsigned", "unsigned"]


def test_commit_whose_event_cannot_be_written_is_refused_and_changes_nothing(audit, execute):
    """No decision without its audit: the two are one transaction."""
    key = RunKey(TENANT, 1, "run")
    head = audit.runs.create(start_commit(key), [audit.rider("start")])
    execute("ALTER TABLE audit_outbox RENAME COLUMN leaf TO elsewhere")

    with pytest.raises(StoreUnavailableError):
        audit.runs.append(step_commit(head, "one"), [audit.rider("decided")])

    assert audit.runs.head(key) == head
    execute("ALTER TABLE audit_outbox RENAME COLUMN elsewhere TO leaf")
    audit.sequence()
    assert audit.bodies() == [body("start")]


def test_late_round_takes_nothing_of_what_came_since(audit):
    """Two sequencers saw one repeated event; the second comes when the outbox has been emptied and filled again."""
    audit.tell("won")
    audit.sequence()
    audit.tell("won")
    waiting = audit.store.waiting(None, 10)
    late = Placement(growths=(), taken=waiting)
    audit.store.place(late)
    audit.tell("new")

    assert audit.store.place(late)

    audit.sequence()
    assert audit.bodies() == [body("won"), body("new")]
