"""Run packs to verify: the worked example, and the same scenario under an anchor policy."""

import json

import attrs
import pytest

from decision_gate.core.codec import decode
from decision_gate.core.control_plane import ControlPlane
from decision_gate.core.engine import EngineSettings
from decision_gate.core.hashing import sha256_hex
from decision_gate.core.json import canonical
from decision_gate.core.memory import (
    MemoryArtifacts,
    MemoryRunStore,
    MemoryScenarioStore,
    ReceiptDispatcher,
    SequentialCollector,
)
from decision_gate.core.model import EvidenceAnchorPolicy, TrustLane
from decision_gate.core.ports import RunKey, ScenarioKey
from decision_gate.core.runpack import ExportRequest, export
from decision_gate.core.testing import worked_example
from decision_gate.core.timestamps import UnixMillis

ANCHOR_POLICY = {
    "providers": [{"provider_id": "ci", "requirement": {"anchor_type": "ci_run", "required_fields": ["run"]}}]
}


@attrs.define
class Pack:
    """A pack that can be altered, and sealed again as somebody would who can rewrite all of it."""

    artifacts: MemoryArtifacts
    manifest: bytes

    def copy(self):
        copy = MemoryArtifacts()
        copy.files = dict(self.artifacts.files)
        return Pack(copy, self.manifest)

    def content(self, path):
        return json.loads(self.artifacts.files[path])

    def reseal(self):
        """Make every hash of the manifest fit the files again."""
        manifest = json.loads(self.manifest)
        for entry in (*manifest["integrity"]["file_hashes"], *manifest["artifacts"]):
            if entry["path"] in self.artifacts.files:
                entry["hash"]["value"] = sha256_hex(self.artifacts.files[entry["path"]])
        if "artifacts/scenario_spec.json" in self.artifacts.files:
            manifest["spec_hash"]["value"] = sha256_hex(self.artifacts.files["artifacts/scenario_spec.json"])
        seal(manifest)
        self.manifest = canonical(manifest)
        return self


def seal(manifest):
    """Make the root hash fit the file hashes."""
    manifest["integrity"]["root_hash"]["value"] = sha256_hex(canonical(manifest["integrity"]["file_hashes"]))


def worked_pack():
    artifacts = MemoryArtifacts()
    for path in (worked_example.FILES / "artifacts").iterdir():
        artifacts.files[f"artifacts/{path.name}"] = path.read_bytes()
    return Pack(artifacts, (worked_example.FILES / "manifest.json").read_bytes())


def anchored_pack():
    """The worked example's calls under an anchor policy, which its provider does not always meet."""
    runs, scenarios = MemoryRunStore(), MemoryScenarioStore()
    provider = worked_example.ScriptedProvider(worked_example.document("provider_states.json"))
    policy = decode(EvidenceAnchorPolicy, ANCHOR_POLICY)
    engine = ControlPlane(
        runs=runs,
        scenarios=scenarios,
        evidence=SequentialCollector(dict.fromkeys(("ci", "board", "clock"), provider)),
        dispatcher=ReceiptDispatcher(),
        settings=EngineSettings(min_lane=TrustLane.ASSERTED, anchor_policy=policy),
    )
    spec = worked_example.defined(scenarios, worked_example.document("spec.json"))
    calls = worked_example.document("calls.json")["calls"]
    for call in calls[:-1]:
        if call.get("provider_state") is None:
            call["provider_state"] = "B"
        worked_example.play(engine, provider, spec, call)
    artifacts = MemoryArtifacts()
    head = runs.head(RunKey(42, 7, "run-2025-10"))
    definition = scenarios.get(ScenarioKey(42, 7, spec.scenario_id))
    request = ExportRequest(spec=definition.body, head=head, generated_at=UnixMillis(1), anchor_policy=policy)
    return Pack(artifacts, export(request, runs, artifacts).manifest_bytes)


PACKS = {"worked": worked_pack, "anchored": anchored_pack}


@pytest.fixture(params=PACKS)
def pack(request):
    return PACKS[request.param]()


@pytest.fixture
def worked():
    return worked_pack()
