"""The sequential collector: one answer a query, and failures are answers."""

import attrs

from decision_gate.core.memory import SequentialCollector
from decision_gate.core.model import (
    EvidenceContext,
    EvidenceQuery,
    EvidenceResult,
    JsonEvidence,
    ProviderMissingDetails,
)
from decision_gate.core.ports import EvidenceProviderFailureError, ProviderFailure
from decision_gate.core.timestamps import UnixMillis

CONTEXT = EvidenceContext(
    tenant_id=7,
    namespace_id=3,
    run_id="run-1",
    scenario_id="release",
    stage_id="build",
    trigger_id="trigger-1",
    trigger_time=UnixMillis(1),
)


def query(provider_id, check_id="coverage"):
    return EvidenceQuery(provider_id=provider_id, check_id=check_id)


class Recorded:
    """Answers with the name of the check and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def query(self, query, context):
        self.asked.append((query, context))
        return EvidenceResult(value=JsonEvidence(value=query.check_id))


class Broken:
    """Cannot answer."""

    def query(self, query, context):
        del query, context
        raise EvidenceProviderFailureError("no connection")


def test_queries_are_answered_in_their_order():
    recorded = Recorded()
    collector = SequentialCollector({"ci": recorded, "broken": Broken()})
    queries = [query("ci", "b"), query("broken"), query("absent"), query("ci", "a")]

    answers = collector.collect(queries, CONTEXT)

    assert list(answers) == [
        EvidenceResult(value=JsonEvidence(value="b")),
        ProviderFailure(message="no connection"),
        ProviderFailure(message="provider not registered: absent"),
        EvidenceResult(value=JsonEvidence(value="a")),
    ]
    assert recorded.asked == [(queries[0], CONTEXT), (queries[3], CONTEXT)]


def test_nothing_is_missing_when_every_provider_is_there():
    assert SequentialCollector({"ci": Recorded()}).missing([query("ci"), query("ci", "lint")]) is None


def test_missing_providers_and_their_checks_are_named_once_and_sorted():
    collector = SequentialCollector({"ci": Recorded()})

    missing = collector.missing([query("z", "b"), query("ci", "c"), query("a", "b"), query("z", "a")])

    assert missing == ProviderMissingDetails(
        missing_providers=("a", "z"), required_capabilities=("a", "b"), blocked_by_policy=False
    )


def test_the_collector_keeps_its_providers_when_the_mapping_changes():
    providers = {"ci": Recorded()}
    collector = SequentialCollector(providers)

    providers.clear()

    assert collector.collect([query("ci")], attrs.evolve(CONTEXT, stage_id="other")) == [
        EvidenceResult(value=JsonEvidence(value="coverage"))
    ]
