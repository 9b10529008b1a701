"""The engine's settings from the configuration (contract §6.1, §12)."""

from decision_gate.core.engine import EngineSettings
from decision_gate.core.model import (
    AnchorRequirement,
    EvidenceAnchorPolicy,
    ProviderAnchorPolicy,
    RunpackSecurityContext,
    TrustLane,
)
from decision_gate.mcp.config.namespace import AuthorityMode
from decision_gate.mcp.config.root import Config


def engine_settings(config: Config) -> EngineSettings:
    """Return how evidence is judged; dev-permissive mode lowers the global lane and exempt providers keep theirs."""
    lane = TrustLane(config.trust.min_lane.value)
    if not config.is_permissive:
        return EngineSettings(min_lane=lane, anchor_policy=anchor_policy(config))
    return EngineSettings(
        min_lane=TrustLane.ASSERTED,
        provider_lanes=dict.fromkeys(config.dev.permissive_exempt_providers, lane),
        anchor_policy=anchor_policy(config),
    )


def anchor_policy(config: Config) -> EvidenceAnchorPolicy:
    """Return the anchor requirements of ``[anchors]``."""
    return EvidenceAnchorPolicy(
        providers=tuple(
            ProviderAnchorPolicy(
                provider_id=provider.provider_id,
                requirement=AnchorRequirement(anchor_type=provider.anchor_type, required_fields=provider.fields),
            )
            for provider in config.anchors.providers
        )
    )


def security_context(config: Config) -> RunpackSecurityContext:
    """Return the posture that run packs record (contract §9.2)."""
    is_own = config.namespace.authority.mode is AuthorityMode.NONE
    return RunpackSecurityContext(
        dev_permissive=config.is_permissive,
        namespace_authority="dg_registry" if is_own else "assetcore_catalog",
    )
