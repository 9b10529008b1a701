"""Evidence: what is asked of a provider and what it answered (contract §3.2, §3.4)."""

from typing import ClassVar

import attrs

from decision_gate.core.model.hash_digest import HashDigest
from decision_gate.core.model.primitives import OMIT_WHEN_NONE, Json, NamespaceId, TenantId
from decision_gate.core.model.trust import TrustLane
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class EvidenceQuery:
    """One question to one provider; ``params`` null and absent are the same."""

    provider_id: str
    check_id: str
    params: Json | None = attrs.field(default=None, metadata=OMIT_WHEN_NONE)


@attrs.frozen(kw_only=True)
class EvidenceContext:
    """On whose behalf and when a query is asked."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    run_id: str
    scenario_id: str
    stage_id: str
    trigger_id: str
    trigger_time: Timestamp
    correlation_id: str | None = None


@attrs.frozen(kw_only=True)
class JsonEvidence:
    """A JSON value; null is a value."""

    kind: ClassVar[str] = "json"
    value: Json


@attrs.frozen(kw_only=True)
class BytesEvidence:
    """Raw bytes, an array of numbers on the wire."""

    kind: ClassVar[str] = "bytes"
    value: bytes


EvidenceValue = JsonEvidence | BytesEvidence


@attrs.frozen(kw_only=True)
class EvidenceAnchor:
    """Where the evidence was found, so that somebody can look again; ``anchor_value`` is a JSON object as text."""

    anchor_type: str
    anchor_value: str


@attrs.frozen(kw_only=True)
class EvidenceRef:
    """A resource the evidence came from."""

    uri: str


@attrs.frozen(kw_only=True)
class EvidenceSignature:
    """A provider's signature over the evidence hash record."""

    scheme: str
    key_id: str
    signature: bytes


@attrs.frozen(kw_only=True)
class EvidenceProviderError:
    """Why there is no value."""

    code: str
    message: str
    details: Json | None = None


@attrs.frozen(kw_only=True)
class EvidenceResult:
    """An answer: a value, or an error, or neither."""

    value: EvidenceValue | None = None
    lane: TrustLane = TrustLane.VERIFIED
    error: EvidenceProviderError | None = None
    evidence_hash: HashDigest | None = None
    evidence_ref: EvidenceRef | None = None
    evidence_anchor: EvidenceAnchor | None = None
    signature: EvidenceSignature | None = None
    content_type: str | None = None


@attrs.frozen(kw_only=True)
class AnchorRequirement:
    """What an anchor of a provider must carry."""

    anchor_type: str
    required_fields: tuple[str, ...]


@attrs.frozen(kw_only=True)
class ProviderAnchorPolicy:
    """The anchor requirement of one provider."""

    provider_id: str
    requirement: AnchorRequirement


@attrs.frozen(kw_only=True)
class EvidenceAnchorPolicy:
    """Anchor requirements by provider; the first entry of a provider counts."""

    providers: tuple[ProviderAnchorPolicy, ...] = attrs.field(default=(), metadata=OMIT_WHEN_NONE)

    def requirement_for(self, provider_id: str) -> AnchorRequirement | None:
        """Return the requirement of *provider_id*, none when there is none."""
        for entry in self.providers:
            if entry.provider_id == provider_id:
                return entry.requirement
        return None
