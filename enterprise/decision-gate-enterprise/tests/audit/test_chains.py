"""Runs and log are held against each other: what was done to a leaf before it had its place does not fit the run."""

import attrs
import pytest

from decision_gate.core.json import canonical
from decision_gate.core.ports import RunKey
from decision_gate.core.testing.runs import start_commit, step_commit
from decision_gate.enterprise.audit import (
    Damage,
    EventClass,
    PostgresAuditStore,
    Told,
    compare_chains,
    leaf_rider,
    run_subject,
    tenant_log,
)
from decision_gate.enterprise.transactions import open_transactions

TENANT = 7
LOG = tenant_log(TENANT)
ORIGIN = "audit.example.org/t/7"
ONE, TWO = RunKey(TENANT, 12, "run-1"), RunKey(TENANT, 12, "run-2")


@pytest.fixture
def beside(place):
    with open_transactions(place.settings, []) as opened:
        yield opened


def leaf_of(audit, commit, digest=None):
    head = commit.head
    run = {
        "digest": digest or head.digest,
        "namespace_id": str(head.key.namespace_id),
        "run_id": head.key.run_id,
        "version": head.version,
    }
    told = Told(event="run_commit", event_class=EventClass.DECISION, tenant_id=TENANT, at_ms=1, run=run)
    return leaf_rider(audit.sealer.seal(told, canonical({"run": run, "digest": digest})))


@pytest.fixture
def runs(audit):
    """Two runs of three commits each, whose leaves wait in the outbox."""
    for key in (ONE, TWO):
        commit = start_commit(key)
        head = audit.runs.create(commit, [leaf_of(audit, commit)])
        for step in ("one", "two"):
            commit = step_commit(head, step)
            head = audit.runs.append(commit, [leaf_of(audit, commit)])
    return audit


def found(audit, beside):
    return [
        (each.damage, each.origin, each.index, each.text) for each in compare_chains(audit.store, audit.names, beside)
    ]


def test_runs_fit_the_log_before_their_leaves_have_places_and_after(runs, beside):
    assert found(runs, beside) == []

    runs.sequence()
    runs.tell("an event without a run", tenant_id=TENANT)

    assert found(runs, beside) == []


def test_leaf_that_was_changed_in_the_outbox_does_not_fit_the_run(runs, beside, execute):
    commit = start_commit(ONE)
    other = leaf_of(runs, commit, digest="11" * 32)
    right = leaf_of(runs, commit)
    execute("UPDATE audit_outbox SET leaf = ? WHERE key = ?", other.body[8:], bytes.fromhex(right.key))
    text = "run run-1 of namespace 12: commit 1 is not the one that was logged"
    assert found(runs, beside) == [(Damage.EDITED, ORIGIN, None, text)]

    runs.sequence()

    assert found(runs, beside) == [(Damage.EDITED, ORIGIN, 0, text)]
    assert runs.findings() == [
        "index_changed: audit.example.org/t/7 entry 0: its class, time, run or key is not what it says"
    ]


def test_leaf_that_was_taken_out_of_the_outbox_is_missed(runs, beside, execute):
    execute("DELETE FROM audit_outbox WHERE key = ?", bytes.fromhex(leaf_of(runs, start_commit(TWO)).key))
    runs.sequence()

    assert found(runs, beside) == [(Damage.DELETED, ORIGIN, None, "run run-2 of namespace 12: commit 1 has no entry")]


def test_leaf_that_was_put_into_the_outbox_is_one_too_many(runs, beside):
    runs.runs.record([leaf_of(runs, start_commit(ONE), digest="11" * 32)])

    assert found(runs, beside) == [
        (Damage.INSERTED, ORIGIN, None, "run run-1 of namespace 12: two entries are about commit 1")
    ]


def test_leaves_that_changed_places_between_runs_fit_neither(runs, beside, execute):
    one, two = (leaf_of(runs, start_commit(key)) for key in (ONE, TWO))
    for leaf, other in ((one, two), (two, one)):
        execute("UPDATE audit_outbox SET leaf = ? WHERE key = ?", other.body[8:], bytes.fromhex(leaf.key))

    # Both are there, under the keys of each other: the runs still fit, the keys do not.
    runs.sequence()
    assert found(runs, beside) == []
    assert [text.partition(":")[0] for text in runs.findings()] == ["index_changed"]


def test_run_that_was_put_back_or_removed_does_not_fit_the_log(runs, beside, execute):
    runs.sequence()
    rows = (b"run-1",)
    if isinstance(runs.store, PostgresAuditStore):
        execute("DELETE FROM decision_gate.run_log WHERE run_id = ? AND version = 3", *rows)
        execute("DELETE FROM decision_gate.runs WHERE run_id = ?", b"run-2")
    else:
        execute("DELETE FROM records WHERE version = 3 AND run = (SELECT id FROM runs WHERE run_id = ?)", *rows)
        execute("DELETE FROM runs WHERE run_id = ?", b"run-2")

    assert [(damage, text) for damage, _, _, text in found(runs, beside)] == [
        (
            Damage.ROLLED_BACK,
            "run run-1 of namespace 12: it ends with commit 2, the log knows commit 3",
        ),
        (Damage.ROLLED_BACK, "run run-2 of namespace 12 is gone, the log knows it"),
    ]


def test_leaf_that_moves_into_the_log_while_it_is_read_is_one_leaf(runs, beside):
    """A leaf that was read in the outbox may be read again in its place."""

    class Moving:
        def waiting(self, after, limit):
            found = runs.store.waiting(after, limit)
            runs.sequence()
            return found

        def __getattr__(self, name):
            return getattr(runs.store, name)

    assert list(compare_chains(Moving(), runs.names, beside)) == []


def test_commit_that_is_made_while_runs_are_read_is_no_finding(runs, beside):
    class Busy:
        is_done = False

        def about(self, log, subject, *, last):
            if not self.is_done and subject == run_subject(12, "run-1"):
                self.is_done = True
                commit = step_commit(runs.runs.head(ONE), "late")
                runs.runs.append(commit, [leaf_of(runs, commit)])
                runs.sequence()
            return runs.store.about(log, subject, last=last)

        def __getattr__(self, name):
            return getattr(runs.store, name)

    assert list(compare_chains(Busy(), runs.names, beside)) == []


@pytest.mark.parametrize(
    "entry", [b"", b"\xff", b"[]", b'{"run":{}}', b'{"run":{"namespace_id":12,"run_id":1,"version":"x","digest":0}}']
)
def test_anything_that_a_hand_put_into_the_outbox_is_read(runs, beside, entry):
    leaf = runs.sealer.seal(Told(event="probe", event_class=EventClass.CALL, tenant_id=TENANT, at_ms=1), b"{}")
    runs.runs.record([leaf_rider(attrs.evolve(leaf, entry=entry))])

    assert found(runs, beside) == []
    runs.sequence()
    assert found(runs, beside) == []
