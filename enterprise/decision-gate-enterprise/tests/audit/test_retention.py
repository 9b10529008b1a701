"""Bodies are forgotten when their time is over, unless a hold protects them; the log and its proofs stay."""

import pytest

from decision_gate.core.json import parse
from decision_gate.enterprise.audit import (
    EventClass,
    Hold,
    Retention,
    examine_log,
    forget_due,
    lift_hold,
    prove,
    run_subject,
    set_hold,
    tenant_log,
)

TENANT = 7
LOG = tenant_log(TENANT)
DAY_MS = 86_400_000
NOW = 1_000 * DAY_MS
RUN = {"digest": "00" * 32, "namespace_id": "12", "run_id": "run-1", "version": 3}


@pytest.fixture
def filled(audit):
    """Calls and denials, old and new."""
    audit.tell("old call", tenant_id=TENANT, at_ms=NOW - 401 * DAY_MS)
    audit.tell("old denial", tenant_id=TENANT, at_ms=NOW - 401 * DAY_MS, event_class=EventClass.DENIAL)
    audit.tell("old run", tenant_id=TENANT, at_ms=NOW - 401 * DAY_MS, event_class=EventClass.DECISION, run=RUN)
    audit.tell("call of the last day", tenant_id=TENANT, at_ms=NOW - 400 * DAY_MS)
    audit.sequence()
    return audit


def kept(audit):
    bodies = [parse(leaf.body) for leaf in audit.store.leaves(LOG) if leaf.body is not None]
    return [body["text"] for body in bodies if "text" in body]


def forget(audit, **days):
    retention = Retention(days={EventClass(name): count for name, count in days.items()}, sealer=audit.sealer)
    return forget_due(audit.store, retention, NOW)


def test_body_older_than_400_days_is_forgotten_and_the_log_tells_so(filled):
    before = prove(filled.store, LOG, 0)

    assert forget(filled) == 3

    assert kept(filled) == ["call of the last day"]
    filled.sequence()
    report = examine_log(filled.store, filled.names, LOG)
    assert (report.findings, report.erased) == ((), 3)
    before.verify(filled.names.verifiers(LOG))
    prove(filled.store, LOG, 0).verify(filled.names.verifiers(LOG))
    told = [parse(leaf.body) for leaf in filled.store.leaves(LOG, 4)]
    assert sorted((event["event"], event["class"], tuple(event["entries"])) for event in told) == [
        ("audit_forgotten", "call", (0,)),
        ("audit_forgotten", "decision", (2,)),
        ("audit_forgotten", "denial", (1,)),
    ]


def test_what_is_forgotten_is_gone_with_its_salt_and_its_key(filled, execute):
    forget(filled)

    assert execute("UPDATE audit_leaves SET time = time WHERE log = ? AND key IS NULL AND salt IS NULL", LOG) == 3


def test_every_class_has_a_period_of_its_own(filled):
    forget(filled, denial=800, call=399, decision=402)

    assert kept(filled) == ["old denial", "old run"]


def test_hold_on_a_log_keeps_everything_until_it_is_lifted(filled):
    set_hold(filled.store, filled.sealer, Hold(log=LOG), "case 12, by the counsel", NOW)
    set_hold(filled.store, filled.sealer, Hold(log=LOG), "case 12, by the counsel", NOW)
    assert filled.store.holds() == (Hold(log=LOG),)
    assert forget(filled) == 0

    lift_hold(filled.store, filled.sealer, Hold(log=LOG), "case 12 is closed", NOW + 1)

    assert filled.store.holds() == ()
    assert forget(filled) == 3
    filled.sequence()
    events = [parse(leaf.body)["event"] for leaf in filled.store.leaves(LOG, 4)]
    assert events[:2] == ["legal_hold_set", "legal_hold_lifted"]


def test_hold_on_a_run_keeps_only_what_is_of_that_run(filled):
    hold = Hold(log=LOG, subject=run_subject(12, "run-1"))
    set_hold(filled.store, filled.sealer, hold, "case 13", NOW)

    forget(filled)

    assert kept(filled) == ["old run", "call of the last day"]


def test_hold_that_comes_after_the_list_was_made_is_honoured(filled):
    due = filled.store.due(LOG, EventClass.CALL, NOW, 10)
    set_hold(filled.store, filled.sealer, Hold(log=LOG), "case 14", NOW)

    assert filled.store.erase(LOG, due, filled.rider("told")) == 0
    assert len(kept(filled)) == 4


def test_hold_on_another_log_protects_nothing_here(filled):
    set_hold(filled.store, filled.sealer, Hold(log=tenant_log(8)), "case 15", NOW)

    assert forget(filled) == 3


def test_long_backlog_is_forgotten_in_steps(audit):
    audit.tell(*(str(n) for n in range(1_100)), tenant_id=TENANT)
    audit.sequence()

    assert forget(audit) == 1_100
    assert forget(audit) == 0
