"""Which lane a gate accepts: all four places must agree to weaken it (contract §6.6)."""

import itertools

import pytest

from decision_gate.core.engine import EngineSettings
from decision_gate.core.logic import TriState
from decision_gate.core.model import EvidenceProviderError, EvidenceResult, HashDigest, JsonEvidence, TrustLane
from decision_gate.core.testing.world import World, condition, gate, scenario, stage

LANES = ("verified", "asserted")
TRUST_LANE = EvidenceProviderError(code="trust_lane", message="evidence lane Asserted does not satisfy Verified")
HASH_OF_TRUE = HashDigest(value="b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b")


def trust(lane):
    return {} if lane is None else {"trust": {"min_lane": lane}}


def judged(settings, *, of_condition=None, of_gate=None, lane="asserted", error=None):
    spec = scenario(
        [stage("one", [gate("g", "a", **trust(of_gate))])],
        [condition("a", **trust(of_condition))],
    )
    world = World.of(spec, settings=settings)
    world.start()
    value = None if error else JsonEvidence(value=True)
    world.facts.answers = {"a": EvidenceResult(value=value, lane=TrustLane(lane), error=error)}
    world.next("t1")
    return world.state().gate_evals[0]


@pytest.mark.parametrize(
    ("minimum", "override", "of_condition", "of_gate"),
    list(itertools.product(LANES, (None, *LANES), (None, *LANES), (None, *LANES))),
)
def test_asserted_evidence_counts_only_where_all_that_is_said_accepts_it(minimum, override, of_condition, of_gate):
    settings = EngineSettings(
        min_lane=TrustLane(minimum), provider_lanes={} if override is None else {"facts": TrustLane(override)}
    )
    is_accepted = minimum == "asserted" and "verified" not in (override, of_condition, of_gate)

    record = judged(settings, of_condition=of_condition, of_gate=of_gate)

    assert record.evaluation.status is (TriState.TRUE if is_accepted else TriState.UNKNOWN)
    assert record.evidence[0].result == EvidenceResult(
        value=JsonEvidence(value=True),
        lane=TrustLane.ASSERTED,
        error=None if is_accepted else TRUST_LANE,
        evidence_hash=HASH_OF_TRUE,
    )


@pytest.mark.parametrize(("minimum", "of_gate"), list(itertools.product(LANES, LANES)))
def test_verified_evidence_counts_everywhere(minimum, of_gate):
    settings = EngineSettings(min_lane=TrustLane(minimum))

    assert judged(settings, of_gate=of_gate, lane="verified").evaluation.status is TriState.TRUE


def test_an_override_of_another_provider_says_nothing():
    settings = EngineSettings(min_lane=TrustLane.ASSERTED, provider_lanes={"other": TrustLane.VERIFIED})

    assert judged(settings).evaluation.status is TriState.TRUE


def test_an_error_that_is_there_already_is_kept():
    error = EvidenceProviderError(code="jsonpath_not_found", message="no such path")

    record = judged(EngineSettings(), error=error)

    assert record.evidence[0].result == EvidenceResult(lane=TrustLane.ASSERTED, error=error)
    assert record.evaluation.status is TriState.UNKNOWN


def test_each_gate_judges_a_shared_condition_by_its_own_lane():
    settings = EngineSettings(min_lane=TrustLane.ASSERTED)
    gates = [gate("strict", "a", **trust("verified")), gate("lax", "a")]
    world = World.of(scenario([stage("one", gates)], [condition("a")]), settings=settings)
    world.start()
    world.facts.answers = {"a": EvidenceResult(value=JsonEvidence(value=True), lane=TrustLane.ASSERTED)}

    world.next("t1")

    strict, lax = world.state().gate_evals
    assert (strict.evaluation.status, lax.evaluation.status) == (TriState.UNKNOWN, TriState.TRUE)
    assert (strict.evidence[0].result.error, lax.evidence[0].result.error) == (TRUST_LANE, None)
    assert world.facts.asked == ["a"]
