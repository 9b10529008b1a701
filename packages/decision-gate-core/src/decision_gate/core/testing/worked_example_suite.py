"""The worked example of contract §15 as a suite: a backend keeps every byte of it."""

import hashlib
from typing import Any

import pytest

from decision_gate.core.codec import canonical_record
from decision_gate.core.control_plane import ControlPlane
from decision_gate.core.memory import MemoryArtifacts
from decision_gate.core.model import RunpackSecurityContext
from decision_gate.core.ports import RunKey, RunStore, ScenarioKey, ScenarioStore
from decision_gate.core.runpack import ExportRequest, export
from decision_gate.core.testing import worked_example
from decision_gate.core.timestamps import UnixMillis

KEY = RunKey(42, 7, "run-2025-10")
SCENARIO = ScenarioKey(42, 7, "harbor-release")
STATE_SHA256 = "c09f840a6aed97f2402a5b5f8f129365c051b5c9b92415f5b6853646fcb49910"


class WorkedExampleConformance:
    """What every pair of stores must keep of the example; a backend overrides ``stores``."""

    @pytest.fixture
    def stores(self) -> tuple[RunStore, ScenarioStore]:
        """Return fresh stores; a backend overrides this."""
        raise NotImplementedError

    @pytest.fixture
    def played(self, stores: tuple[RunStore, ScenarioStore]) -> tuple[ControlPlane, list[Any]]:
        """Return the engine after all calls, and what each was answered."""
        runs, scenarios = stores
        provider = worked_example.ScriptedProvider(worked_example.document("provider_states.json"))
        engine = worked_example.control_plane(runs, scenarios, provider)
        spec = worked_example.defined(scenarios, worked_example.document("spec.json"))
        calls = worked_example.document("calls.json")["calls"]
        return engine, [worked_example.play(engine, provider, spec, call) for call in calls]

    def test_every_call_is_answered_as_the_contract_says(self, played: tuple[ControlPlane, list[Any]]) -> None:
        _, answers = played

        for call, answer in zip(worked_example.document("calls.json")["calls"], answers, strict=True):
            if "error" in call:
                assert answer == {"error": call["error"]}
            elif call["call"] in ("trigger", "next"):
                packets = [packet["envelope"]["packet_id"] for packet in answer["packets"]]
                told = (call["outcome"], call["status"], call["packets"])
                assert (answer["decision"]["outcome"], answer["status"], packets) == told

    def test_the_run_state_has_the_hash_of_the_contract(self, played: tuple[ControlPlane, list[Any]]) -> None:
        engine, _ = played

        state = engine.state(KEY)

        assert state is not None
        assert hashlib.sha256(canonical_record(state)).hexdigest() == STATE_SHA256
        assert engine.runs.check(KEY).problem is None

    def test_the_run_pack_is_that_of_the_contract_byte_for_byte(self, played: tuple[ControlPlane, list[Any]]) -> None:
        engine, _ = played
        head, definition = engine.runs.head(KEY), engine.scenarios.get(SCENARIO)
        assert head is not None
        assert definition is not None
        pack = MemoryArtifacts()
        security = RunpackSecurityContext(dev_permissive=False, namespace_authority="dg_registry")
        generated_at = UnixMillis(1_760_000_009_000)

        request = ExportRequest(spec=definition.body, head=head, generated_at=generated_at, security=security)
        export(request, engine.runs, pack, verify_with=pack)

        artifacts = {f"artifacts/{entry.name}": entry for entry in (worked_example.FILES / "artifacts").iterdir()}
        assert pack.files == {path: entry.read_bytes() for path, entry in artifacts.items()}
        assert pack.manifest == (worked_example.FILES / "manifest.json").read_bytes()
