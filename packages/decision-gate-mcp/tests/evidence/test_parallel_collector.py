"""Providers asked side by side (deviation S7, contract §1.1)."""

import threading
import time

import attrs
import pytest

from decision_gate.core.model import (
    EvidenceContext,
    EvidenceQuery,
    EvidenceResult,
    JsonEvidence,
    ProviderMissingDetails,
)
from decision_gate.core.ports.evidence import EvidenceProviderFailureError, ProviderFailure
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.access_policy import ProviderAccessPolicy
from decision_gate.mcp.evidence.parallel_collector import Bulkhead, ParallelCollector, RegisteredProvider

CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(0),
)
BOUND = 60
"""Seconds after which a test gives up; nothing here takes a tenth of it."""


class Provider:
    """Answers with what a function makes of the check id."""

    def __init__(self, answer):
        self.answer = answer

    def query(self, query, context):
        assert context is CONTEXT
        return result(self.answer(query.check_id))


def result(value):
    return EvidenceResult(value=JsonEvidence(value=value))


def query(provider_id, check_id="check"):
    return EvidenceQuery(provider_id=provider_id, check_id=check_id)


def inline(answer):
    return RegisteredProvider(provider=Provider(answer))


def pooled(answer, **bulkhead):
    return RegisteredProvider(provider=Provider(answer), bulkhead=Bulkhead(**bulkhead))


@pytest.fixture
def collector():
    opened = []

    def make(policy=None, monotonic=time.monotonic, **providers):
        opened.append(ParallelCollector(providers, policy=policy, monotonic=monotonic))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def over_once(moment, questions):
    """Return a clock that stands still while so many questions are handed over, and is past their time at *moment*."""
    left = questions

    def monotonic():
        nonlocal left
        if left > 0:
            left -= 1
            return 0.0
        assert moment.wait(BOUND)
        return 1000.0

    return monotonic


def thread_name(_check_id):
    return threading.current_thread().name


def test_answers_come_in_the_order_of_the_queries(collector):
    asked = [query(provider, str(number)) for number in range(20) for provider in ("here", "there")]
    found = collector(here=inline(int), there=pooled(int, places=3)).collect(asked, CONTEXT)

    assert found == [result(int(one.check_id)) for one in asked]


@pytest.mark.parametrize("correlation_id", ["", "a b", "é", "x" * 129])
def test_a_correlation_id_that_no_header_could_carry_fails_every_query_and_asks_nobody(collector, correlation_id):
    context = attrs.evolve(CONTEXT, correlation_id=correlation_id)
    found = collector(here=inline(int), there=pooled(int)).collect([query("here"), query("there")], context)

    assert found == [ProviderFailure(message="invalid correlation id")] * 2


def test_a_provider_without_bulkhead_is_asked_in_the_callers_thread(collector):
    found = collector(here=inline(thread_name), there=pooled(thread_name)).collect(
        [query("here"), query("there")], CONTEXT
    )

    assert found == [result(threading.current_thread().name), result("evidence-there-1")]


def test_queries_of_all_providers_run_at_the_same_time(collector):
    together = threading.Barrier(6)

    def meet(_check_id):
        return together.wait(BOUND) >= 0

    asked = collector(a=pooled(meet), b=pooled(meet))

    assert asked.collect([query("a")] * 3 + [query("b")] * 3, CONTEXT) == [result(value=True)] * 6


def test_a_provider_that_does_not_answer_in_time_has_failed_and_the_others_have_not(collector):
    release = threading.Event()

    def hang(_check_id):
        return release.wait(BOUND)

    asked = collector(slow=pooled(hang, deadline_ms=50), fast=pooled(str, deadline_ms=BOUND * 1000))
    begun = time.monotonic()
    found = asked.collect([query("slow"), query("fast"), query("slow")], CONTEXT)
    release.set()

    assert found == [
        ProviderFailure(message="provider timed out after 50 ms"),
        result("check"),
        ProviderFailure(message="provider timed out after 50 ms"),
    ]
    assert time.monotonic() - begun < BOUND / 2


def test_a_bulkhead_bounds_how_many_queries_run_and_waiting_for_a_place_counts_as_time(collector):
    running, most, release, lock, is_full = 0, 0, threading.Event(), threading.Lock(), threading.Event()

    def hang(_check_id):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        if most == 2:
            is_full.set()
        return release.wait(BOUND)

    asked = collector(monotonic=over_once(is_full, 5), slow=pooled(hang, deadline_ms=50, places=2))
    first = asked.collect([query("slow")] * 5, CONTEXT)
    second = asked.collect([query("slow")], CONTEXT)
    release.set()

    assert {type(answer) for answer in (*first, *second)} == {ProviderFailure}
    assert most == 2


def test_a_query_that_was_given_up_before_it_began_is_never_asked(collector):
    release, seen, has_begun = threading.Event(), [], threading.Event()

    def note(check_id):
        seen.append(check_id)
        has_begun.set()
        return release.wait(BOUND)

    asked = collector(monotonic=over_once(has_begun, 2), slow=pooled(note, deadline_ms=BOUND * 1000, places=1))
    given_up = asked.collect([query("slow", "first"), query("slow", "second")], CONTEXT)
    release.set()
    answered = asked.collect([query("slow", "last")], CONTEXT)

    assert {type(answer) for answer in given_up} == {ProviderFailure}
    assert answered == [result(value=True)]
    assert seen == ["first", "last"]


@pytest.mark.parametrize("make", [inline, pooled])
@pytest.mark.parametrize(
    ("error", "message"),
    [
        (EvidenceProviderFailureError("no luck"), "no luck"),
        (KeyError("secret"), "provider raised KeyError"),
        (RecursionError(), "provider raised RecursionError"),
    ],
)
def test_what_a_provider_raises_is_its_failure(collector, make, error, message):
    def fail(_check_id):
        raise error

    asked = collector(bad=make(fail))

    for _ in range(3):
        assert asked.collect([query("bad")], CONTEXT) == [ProviderFailure(message=message)]


def test_absent_and_blocked_providers_are_missing(collector):
    policy = ProviderAccessPolicy(denylist=frozenset(("blocked",)))
    asked = collector(policy=policy, here=inline(str), there=pooled(str), blocked=inline(str))

    assert asked.missing([query("here"), query("there")]) is None
    assert asked.missing([query("gone", "b"), query("here"), query("gone", "a")]) == ProviderMissingDetails(
        missing_providers=("gone",), required_capabilities=("a", "b"), blocked_by_policy=False
    )
    assert asked.missing([query("blocked", "x"), query("gone", "y")]) == ProviderMissingDetails(
        missing_providers=("blocked", "gone"), required_capabilities=("x", "y"), blocked_by_policy=True
    )


def test_a_provider_that_is_absent_or_blocked_has_failed(collector):
    policy = ProviderAccessPolicy(denylist=frozenset(("blocked",)))

    assert collector(policy=policy, blocked=inline(str)).collect([query("blocked"), query("gone")], CONTEXT) == [
        ProviderFailure(message="provider blocked by policy: blocked"),
        ProviderFailure(message="provider not registered: gone"),
    ]


@pytest.mark.parametrize(
    ("allowlist", "denylist", "permitted"),
    [
        (None, (), {"a", "b"}),
        (None, ("a",), {"b"}),
        (("a",), (), {"a"}),
        (("a", "b"), ("a",), {"b"}),
        ((), (), set()),
    ],
)
def test_the_deny_list_is_looked_at_first_and_an_empty_allow_list_blocks_everything(allowlist, denylist, permitted):
    policy = ProviderAccessPolicy(
        allowlist=None if allowlist is None else frozenset(allowlist), denylist=frozenset(denylist)
    )

    assert {name for name in ("a", "b") if policy.permits(name)} == permitted


def test_threads_end_when_the_collector_is_closed(collector):
    asked = collector(there=pooled(thread_name, places=4))
    names = {answer.value.value for answer in asked.collect([query("there")] * 4, CONTEXT)}
    threads = [thread for thread in threading.enumerate() if thread.name in names]
    asked.close()

    for thread in threads:
        thread.join(BOUND)
    assert not any(thread.is_alive() for thread in threads)
    assert asked.collect([], CONTEXT) == []


def test_idle_threads_are_used_again(collector):
    asked = collector(there=pooled(thread_name, places=8))
    names = {asked.collect([query("there")], CONTEXT)[0].value.value for _ in range(50)}

    assert len(names) < 8  # a thread may not be idle again when the next question comes; all eight never are


@pytest.mark.parametrize("settings", [{"deadline_ms": 0}, {"places": 0}])
def test_a_bulkhead_has_time_and_places(settings):
    with pytest.raises(ValueError, match="must be >"):
        Bulkhead(**settings)


def test_many_callers_get_their_own_answers(collector):
    asked = collector(there=pooled(str, places=4), here=inline(str))
    wrong = []

    def call(number):
        for turn in range(50):
            queries = [query("there", f"{number}-{turn}"), query("here", f"{turn}-{number}"), query("there", "x")]
            if asked.collect(queries, CONTEXT) != [result(one.check_id) for one in queries]:
                wrong.append(number)

    callers = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(BOUND)

    assert wrong == []
    assert not any(caller.is_alive() for caller in callers)
