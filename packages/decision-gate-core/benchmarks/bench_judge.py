"""Judging a stage of ten conditions against policy engines that are written in Rust.

Ours starts from the providers' answers and ends with the bytes that are stored: normalised and hashed evidence, three
truth values, trace, records, canonical JSON. The peers judge the same ten conditions over a dict of plain values, with
two truth values, and record nothing; cedarpy's whole call reads its policies too, as its one-call form does.
"""

from collections.abc import Callable, Iterator

import attrs

from benching import AtMost, Below, Outcome, Result, Skipped, Unit, alternate, peer_module
from benching.peers import CEDAR, CEL, ZEN, cedar_context
from benching.policies import answers, policy
from decision_gate.core.codec import decode, encode
from decision_gate.core.engine import EngineSettings, ScenarioPlan, judge
from decision_gate.core.json import canonical_finite
from decision_gate.core.logic import TriState
from decision_gate.core.model import EvidenceResult, JsonEvidence, ScenarioSpec

Judged = Callable[[], list[bytes]]
PEERS = ("cedarpy", "zen", "cel")


def bench_judge() -> Iterator[Outcome]:
    ours = judging(10)
    assert len(ours()) == 1
    for case, peer, goal in peers():
        if peer is None:
            yield Skipped(case=f"judge 10 conditions: {case}", reason="not installed")
            continue
        assert peer()
        pair = alternate(ours, peer)
        yield _result("judge 10 conditions, to stored bytes", case, pair, goal, 10)
    pair = alternate(ours, ours)
    yield _result("judge 10 conditions, CPU", "itself", pair, Below(60_000, "60 µs CPU"), 10)
    pair = alternate(judging(100), lambda: [ours() for _ in range(10)])
    yield _result("judge 100 conditions", "10 times 10 conditions", pair, AtMost(3), 100)


def judging(count: int) -> Judged:
    """Return a call that judges the policy of *count* conditions and writes its records; it passes."""
    spec = decode(ScenarioSpec, policy(count))
    stage = ScenarioPlan(spec=spec, spec_hash="", settings=EngineSettings()).stage("release")
    found = answers(count)
    results = [
        EvidenceResult(value=JsonEvidence(value=found[query.check_id]), content_type="application/json")
        for query in stage.queries
    ]
    [record] = judge(stage, results, "trigger-1")
    assert record.evaluation.status is TriState.TRUE

    def judged() -> list[bytes]:
        return [canonical_finite(encode(record)) for record in judge(stage, results, "trigger-1")]

    return judged


def peers() -> Iterator[tuple[str, Callable[[], object] | None, AtMost | None]]:
    """Yield the peers that are known, none in place of one that is not installed."""
    values = answers(10)
    cedar, zen, cel = (peer_module(name) for name in PEERS)
    if cedar is None:
        yield "cedarpy", None, None
    else:
        request = {
            "principal": 'Agent::"release"',
            "action": 'Action::"release"',
            "resource": 'Run::"run-1"',
            "context": cedar_context(values),
        }
        parsed = cedar.PolicySet.from_str(CEDAR)
        yield "cedarpy, whole call", lambda: cedar.is_authorized(request, CEDAR, []).allowed, AtMost(1 / 3)
        yield "cedarpy, policies read before", lambda: cedar.is_authorized(request, parsed, []).allowed, None
    if zen is None:
        yield "zen-engine", None, None
    else:
        compiled = zen.compile_expression(ZEN)
        yield "zen-engine, compiled", lambda: compiled.evaluate(values), None
    if cel is None:
        yield "common-expression-language", None, None
    else:
        program = cel.compile(CEL)
        yield "common-expression-language, compiled", lambda: program.execute(values), None


def _result(case, peer, pair, goal, n):
    return Result(case=case, unit=Unit.NANOSECONDS, peer=peer, goal=goal, n=n, **attrs.asdict(pair))
