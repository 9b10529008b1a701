"""Packets: what a stage discloses when it is entered, to whom, and the receipts (contract §3.3)."""

from typing import ClassVar

import attrs

from decision_gate.core.model.hash_digest import HashDigest
from decision_gate.core.model.primitives import Json
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class ContentRef:
    """A payload that lives elsewhere, bound by its hash."""

    uri: str
    content_hash: HashDigest
    encryption: str | None = None


@attrs.frozen(kw_only=True)
class JsonPayload:
    """Any JSON value; null is a value."""

    kind: ClassVar[str] = "json"
    value: Json


@attrs.frozen(kw_only=True)
class BytesPayload:
    """Raw bytes, an array of numbers on the wire."""

    kind: ClassVar[str] = "bytes"
    bytes: bytes


@attrs.frozen(kw_only=True)
class ExternalPayload:
    """A reference whose hash is trusted as given (contract §13 point 27)."""

    kind: ClassVar[str] = "external"
    content_ref: ContentRef


PacketPayload = JsonPayload | BytesPayload | ExternalPayload


@attrs.frozen(kw_only=True)
class VisibilityPolicy:
    """Labels and tags that a policy decider may read."""

    labels: tuple[str, ...]
    policy_tags: tuple[str, ...]


@attrs.frozen(kw_only=True)
class PacketEnvelope:
    """The header of an issued packet."""

    scenario_id: str
    run_id: str
    stage_id: str
    packet_id: str
    schema_id: str
    content_type: str
    content_hash: HashDigest
    visibility: VisibilityPolicy
    expiry: Timestamp | None = None
    correlation_id: str | None = None
    issued_at: Timestamp


@attrs.frozen(kw_only=True)
class AgentTarget:
    """Deliver to an agent."""

    kind: ClassVar[str] = "agent"
    agent_id: str


@attrs.frozen(kw_only=True)
class SessionTarget:
    """Deliver to a session."""

    kind: ClassVar[str] = "session"
    session_id: str


@attrs.frozen(kw_only=True)
class ExternalTarget:
    """Deliver to a named place in another system."""

    kind: ClassVar[str] = "external"
    system: str
    target: str


@attrs.frozen(kw_only=True)
class ChannelTarget:
    """Deliver to a channel."""

    kind: ClassVar[str] = "channel"
    channel: str


DispatchTarget = AgentTarget | SessionTarget | ExternalTarget | ChannelTarget


@attrs.frozen(kw_only=True)
class DispatchReceipt:
    """What a dispatcher answered for one target."""

    dispatch_id: str
    target: DispatchTarget
    receipt_hash: HashDigest
    dispatched_at: Timestamp
    dispatcher: str


@attrs.frozen(kw_only=True)
class PacketRecord:
    """One issued packet in a run's packet log."""

    envelope: PacketEnvelope
    payload: PacketPayload
    receipts: tuple[DispatchReceipt, ...]
    decision_id: str
