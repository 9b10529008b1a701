"""Audit chains on each engine: whole, in order, one a tenant, with the commit or not at all."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from decision_gate.core.ports import ConflictError, Integrity, RunKey
from decision_gate.core.testing.runs import start_commit, step_commit
from decision_gate.enterprise.audit import FIRST, ChainState, HashChainSink, open_log, verify_leaves
from decision_gate.enterprise.audit.leaf import leaf_rider
from decision_gate.mcp.hooks.audit_sink import NoSink

TENANT = 2**64 - 1


@pytest.fixture
def audit(place):
    """The log, and a run store whose commits are audited in it."""
    with ExitStack() as stack:
        log = stack.enter_context(open_log(place.settings))
        runs = stack.enter_context(place.runs([HashChainSink(NoSink()).rider_table(place.engine)]))
        yield log, runs


def verified(log, tenant_id):
    return verify_leaves(tenant_id, log.leaves(tenant_id), log.end(tenant_id))


def test_chain_starts_empty_and_grows_with_commits(audit):
    log, runs = audit
    assert log.end(TENANT) == ChainState(seq=0, hash=FIRST)

    head = runs.create(start_commit(RunKey(TENANT, 1, "run")), [leaf_rider(TENANT, b"start")])
    runs.append(step_commit(head, "one"), [leaf_rider(TENANT, b"decided"), leaf_rider(TENANT, b"and more")])

    assert [leaf.body for leaf in log.leaves(TENANT)] == [b"start", b"decided", b"and more"]
    assert [leaf.body for leaf in log.leaves(TENANT, after=2)] == [b"and more"]
    assert verified(log, TENANT) == Integrity(commits=3)


def test_event_of_a_commit_that_lost_is_not_there_and_a_repeated_one_only_once(audit):
    log, runs = audit
    head = runs.create(start_commit(RunKey(TENANT, 1, "run")))
    runs.append(step_commit(head, "one"), [leaf_rider(TENANT, b"won")])

    with pytest.raises(ConflictError):
        runs.append(step_commit(head, "two"), [leaf_rider(TENANT, b"lost")])
    runs.record([leaf_rider(TENANT, b"won")])

    assert [leaf.body for leaf in log.leaves(TENANT)] == [b"won"]


def test_many_writers_make_one_sound_chain_a_tenant(audit):
    log, runs = audit

    def write(n):
        runs.record([leaf_rider(tenant_id, f"{n} of {tenant_id}".encode()) for tenant_id in (n % 3 + 1, 9, n % 2 + 4)])

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(120)))

    assert [verified(log, tenant_id) for tenant_id in (1, 2, 3, 4, 5, 9)] == [
        Integrity(commits=commits) for commits in (40, 40, 40, 60, 60, 120)
    ]


def test_log_longer_than_a_page_is_read_whole(audit):
    log, runs = audit

    runs.record([leaf_rider(TENANT, b"%d" % n) for n in range(1_100)])

    assert [leaf.body for leaf in log.leaves(TENANT)] == [b"%d" % n for n in range(1_100)]
