"""The worked example of contract §15 through the control plane, byte for byte (contract §6.6, §6.8, §6.9)."""

import hashlib

import pytest

from decision_gate.core.codec import canonical_record
from decision_gate.core.memory import MemoryArtifacts, MemoryRunStore, MemoryScenarioStore
from decision_gate.core.model import RunpackSecurityContext
from decision_gate.core.ports import RunKey
from decision_gate.core.runpack.export import ExportRequest, export
from decision_gate.core.testing import worked_example
from decision_gate.core.timestamps import UnixMillis

KEY = RunKey(42, 7, "run-2025-10")


@pytest.fixture
def played():
    runs, scenarios = MemoryRunStore(), MemoryScenarioStore()
    provider = worked_example.ScriptedProvider(worked_example.document("provider_states.json"))
    engine = worked_example.control_plane(runs, scenarios, provider)
    spec = worked_example.defined(scenarios, worked_example.document("spec.json"))
    calls = worked_example.document("calls.json")["calls"]
    answers = [worked_example.play(engine, provider, spec, call) for call in calls]
    return engine, provider, answers


def test_every_call_is_answered_as_the_contract_says(played):
    _, _, answers = played

    for call, answer in zip(worked_example.document("calls.json")["calls"], answers, strict=True):
        if "error" in call:
            assert answer == {"error": call["error"]}
        elif "outcome" in call and call["call"] != "start":
            assert answer["decision"]["outcome"] == call["outcome"]
            assert answer["status"] == call["status"]
            assert [packet["envelope"]["packet_id"] for packet in answer["packets"]] == call["packets"]


def test_the_whole_run_state_has_the_hash_of_the_contract(played):
    engine, _, _ = played

    state = canonical_record(engine.state(KEY))

    assert len(state) == 11793
    assert hashlib.sha256(state).hexdigest() == "c09f840a6aed97f2402a5b5f8f129365c051b5c9b92415f5b6853646fcb49910"


def test_the_run_pack_is_the_one_of_the_contract_byte_for_byte(played):
    engine, _, _ = played
    pack = MemoryArtifacts()
    head = engine.runs.head(KEY)

    request = ExportRequest(
        spec=(worked_example.FILES / "artifacts/scenario_spec.json").read_bytes(),
        head=head,
        generated_at=UnixMillis(1760000009000),
        security=RunpackSecurityContext(dev_permissive=False, namespace_authority="dg_registry"),
    )
    export(request, engine.runs, pack, verify_with=pack)

    names = ["scenario_spec", "triggers", "gate_evals", "decisions", "packets", "submissions", "tool_calls"]
    for name in [*names, "verifier_report"]:
        path = f"artifacts/{name}.json"
        assert b"".join(pack.chunks(path)) == (worked_example.FILES / path).read_bytes()
    assert pack.manifest == (worked_example.FILES / "manifest.json").read_bytes()


def test_conditions_are_asked_once_each_in_the_order_of_the_gates(played):
    _, provider, _ = played

    order = ["ci/failed_count", "ci/coverage", "board/blocklist", "clock/after"]
    assert provider.asked == order + order


def test_the_chain_of_the_run_is_sound(played):
    engine, _, _ = played

    assert engine.runs.check(KEY).problem is None
