"""Hand a briefing out to a reader once the reader is cleared: the engine as a library, with a mailbox of one's own."""

import json
import sys
import time
from pathlib import Path

from decision_gate.core.codec import encode, hash_record
from decision_gate.core.control_plane import ControlPlane, define
from decision_gate.core.engine import EngineSettings
from decision_gate.core.memory import MemoryRunStore, MemoryScenarioStore, SequentialCollector
from decision_gate.core.model import (
    AgentTarget,
    DispatchReceipt,
    DispatchTarget,
    JsonPayload,
    PacketEnvelope,
    PacketPayload,
    RunConfig,
    TriggerEvent,
    TriggerKind,
)
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.authoring import read_scenario_file
from decision_gate.mcp.evidence.json_provider import JsonProvider, JsonSettings

READER = "harbour-master"


def now_ms() -> int:
    """Read the clock of this machine."""
    return time.time_ns() // 1_000_000


class Mailbox:
    """Delivers into a folder; the same delivery twice is one letter."""

    has_effects = True

    def dispatch(
        self, target: DispatchTarget, envelope: PacketEnvelope, payload: PacketPayload, *, idempotency_key: str
    ) -> DispatchReceipt:
        """Write a letter and return its receipt."""
        letter = {"to": encode(target), "packet": envelope.packet_id, "content_hash": envelope.content_hash.value}
        if isinstance(payload, JsonPayload):
            letter["content"] = payload.value
        Path("mailbox").mkdir(exist_ok=True)
        Path(f"mailbox/{envelope.packet_id}.json").write_text(json.dumps(letter), encoding="utf-8")
        return DispatchReceipt(
            dispatch_id=idempotency_key,
            target=target,
            receipt_hash=hash_record(envelope),
            dispatched_at=UnixMillis(now_ms()),
            dispatcher="mailbox",
        )


class NeedToKnow:
    """Permits what is confidential to the harbour master and to nobody else."""

    def permits(self, target: DispatchTarget, envelope: PacketEnvelope, payload: PacketPayload) -> bool:
        """Decide by the label of the packet, whatever is in it."""
        del payload
        return "confidential" not in envelope.visibility.labels or target == AgentTarget(agent_id=READER)


def main(reader: str) -> None:
    """Ask once whether *reader* may have the briefing."""
    spec = read_scenario_file(Path("briefing.yaml")).spec
    plane = ControlPlane(
        runs=MemoryRunStore(now_ms=now_ms),
        scenarios=MemoryScenarioStore(),
        evidence=SequentialCollector({"json": JsonProvider(JsonSettings(root="evidence", root_id="evidence"))}),
        dispatcher=Mailbox(),
        policy=NeedToKnow(),
        settings=EngineSettings(),
        clock=now_ms,
    )
    plane.scenarios.publish(define(spec, None))
    run = {"tenant_id": 1, "namespace_id": 1, "run_id": f"for-{reader}"}
    target = AgentTarget(agent_id=reader)
    config = RunConfig(scenario_id=spec.scenario_id, dispatch_targets=(target,), policy_tags=(), **run)
    plane.start(spec.scenario_id, config, UnixMillis(now_ms()), issue_entry_packets=True)
    trigger = TriggerEvent(
        trigger_id="ask-1",
        kind=TriggerKind.AGENT_REQUEST_NEXT,
        time=UnixMillis(now_ms()),
        source_id="disclose.py",
        **run,
    )
    result = plane.trigger(spec.scenario_id, trigger)
    print(result.decision.outcome.kind, [packet.envelope.packet_id for packet in result.packets])


if __name__ == "__main__":
    main(sys.argv[1])
