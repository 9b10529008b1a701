"""What is disclosed when a stage is entered (contract §6.7)."""

import attrs

from decision_gate.core.engine.payloads import content_hash
from decision_gate.core.model import PacketEnvelope, PacketPayload, ScenarioSpec, StageSpec, VisibilityPolicy
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class Packet:
    """A packet that is about to be issued."""

    envelope: PacketEnvelope
    payload: PacketPayload


def envelopes(
    spec: ScenarioSpec, stage: StageSpec, *, run_id: str, issued_at: Timestamp, correlation_id: str | None
) -> tuple[Packet, ...]:
    """Return the entry packets of *stage*, in order.

    Raises:
        PayloadTooLargeError: A payload is over 2 MiB.
    """
    return tuple(
        Packet(
            envelope=PacketEnvelope(
                scenario_id=spec.scenario_id,
                run_id=run_id,
                stage_id=stage.stage_id,
                packet_id=packet.packet_id,
                schema_id=packet.schema_id,
                content_type=packet.content_type,
                content_hash=content_hash(packet.payload),
                visibility=VisibilityPolicy(labels=packet.visibility_labels, policy_tags=packet.policy_tags),
                expiry=packet.expiry,
                correlation_id=correlation_id,
                issued_at=issued_at,
            ),
            payload=packet.payload,
        )
        for packet in stage.entry_packets
    )
