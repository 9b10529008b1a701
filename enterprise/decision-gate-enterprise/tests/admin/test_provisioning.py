"""Provisioning: everything that a tenant needs, at once or not at all, and once however often it is asked for."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.enterprise.admin.errors import AdminConflictError
from decision_gate.enterprise.tenancy.numbers import MAX_NUMBER
from decision_gate.enterprise.transactions import PostgresTransactions, SqliteTransactions


def counts(desk):
    return {table: len(rows) for table, rows in desk.content().items()}


def test_one_call_makes_organisation_tenant_namespace_administrator_and_key(desk):
    made = desk.do("tenant.provision", org="acme", tenant="pay", namespace="live")

    assert counts(desk) == {
        "orgs": 1,
        "tenants": 1,
        "namespaces": 1,
        "principals": 1,
        "grants": 1,
        "api_keys": 1,
        "admin_requests": 0,
        "audit_outbox": 1,
        "usage_limits": 0,
    }
    assert made["namespace"]["tenant_id"] == made["tenant"]["tenant_id"] == made["api_key"]["tenant_id"]
    assert all(1 <= made[what][f"{what}_id"] <= MAX_NUMBER for what in ("org", "tenant", "namespace"))
    assert made["key"].startswith(made["api_key"]["prefix"])


def test_second_tenant_joins_its_organisation_and_a_taken_name_is_a_conflict(desk, made):
    other = desk.do("tenant.provision", org="acme", tenant="risk")
    before = desk.content()

    with pytest.raises(AdminConflictError):
        desk.do("tenant.provision", org="acme", tenant="pay")

    assert other["org"] == made["org"]
    assert desk.content() == before


def test_repeated_request_is_answered_the_same_and_makes_no_second_key(desk):
    first = desk.do("tenant.provision", "once", org="acme", tenant="pay")
    before = desk.content()

    again = desk.do("tenant.provision", "once", org="acme", tenant="pay")

    assert again == first
    assert desk.content() == before


def test_secret_of_a_repeated_request_is_forgotten_after_a_day(desk):
    first = desk.do("tenant.provision", "once", org="acme", tenant="pay")

    desk.clock.advance(24 * 60 * 60 * 1000 + 1)

    assert desk.do("tenant.provision", "once", org="acme", tenant="pay") == {**first, "key": None}
    assert all(row[4] is None for row in desk.content()["admin_requests"])


def test_same_key_with_another_request_is_a_conflict_and_another_actor_has_keys_of_its_own(desk):
    desk.do("tenant.provision", "once", org="acme", tenant="pay")
    other = desk.acting(("PlatformAdmin", None), principal_id="other")

    with pytest.raises(DecisionGateError) as refused:
        desk.do("tenant.provision", "once", org="acme", tenant="risk")

    assert refused.value.code == "idempotency_conflict"
    assert other.do("tenant.provision", "once", org="acme", tenant="risk")["tenant"]["name"] == "risk"


def test_no_secret_is_in_the_database_or_the_audit(desk):
    made = desk.do("tenant.provision", "once", org="acme", tenant="pay")

    secret = made["key"].split("_")[3][:43]
    kept = repr(desk.content()) + repr(desk.sink.events)

    assert secret not in kept
    assert secret.encode().hex() not in kept


def test_racers_with_one_idempotency_key_make_one_tenant_and_hear_the_same(desk):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.do("tenant.provision", "once", org="acme", tenant="pay"), range(8)))

    assert all(answer == answers[0] for answer in answers)
    assert counts(desk)["api_keys"] == counts(desk)["tenants"] == 1


def test_racers_without_one_make_one_tenant_and_the_others_are_refused(desk):
    """The control of the test before: without a key seven of eight conflict, none is answered the same."""

    def provision(_):
        try:
            return desk.do("tenant.provision", org="acme", tenant="pay")["key"]
        except AdminConflictError as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(provision, range(8)))

    assert answers.count("conflict") == 7
    assert counts(desk)["api_keys"] == 1


class DyingTransaction:
    """A transaction whose process ends just before its n-th statement."""

    def __init__(self, transaction, left):
        self._transaction = transaction
        self.left = left

    def _step(self):
        if self.left == 0:
            os._exit(7)
        self.left -= 1

    def rows(self, statement, *parameters):
        self._step()
        return self._transaction.rows(statement, *parameters)

    def write(self, statement, *parameters):
        self._step()
        return self._transaction.write(statement, *parameters)

    def ride(self, riders):
        self._step()
        self._transaction.ride(riders)


@attrs.frozen
class DyingTransactions:
    """Transactions that die; after their last statement they die before the commit."""

    inner: SqliteTransactions | PostgresTransactions
    left: int

    def rows(self, statement, *parameters):
        return self.inner.rows(statement, *parameters)

    def run(self, sink, work):
        def dying(transaction):
            wrapped = DyingTransaction(transaction, self.left)
            result = work(wrapped)
            if wrapped.left == 0:
                os._exit(7)
            return result

        return self.inner.run(sink, dying)


def provision_and_die(opened, left):
    """Run in a process of its own: exit code 7 when killed, 0 when it lived to the end."""
    with opened() as desk:
        service = attrs.evolve(desk.service, database=DyingTransactions(desk.service.database, left))
        attrs.evolve(desk, service=service).do("tenant.provision", "once", org="acme", tenant="pay")
    os._exit(0)


def test_process_killed_between_any_two_statements_leaves_nothing_and_the_repeat_makes_all(desk, opened_desk):
    """Contract §4.2 P1-1: all or nothing, whichever statement the process dies before."""
    empty = desk.content()
    codes = []
    for left in range(40):
        process = multiprocessing.get_context("fork").Process(target=provision_and_die, args=(opened_desk, left))
        process.start()
        process.join(60)
        codes.append(process.exitcode)
        if process.exitcode == 0:
            break
        assert desk.content() == empty

    made = desk.do("tenant.provision", "once", org="acme", tenant="pay")

    assert codes == [7] * (len(codes) - 1) + [0]
    assert len(codes) > 10
    assert made["key"]
    assert counts(desk)["api_keys"] == counts(desk)["audit_outbox"] == 1
