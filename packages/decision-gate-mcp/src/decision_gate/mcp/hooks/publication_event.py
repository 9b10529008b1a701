"""The audit event of a version that was published on the command line: no request is about it."""

from decision_gate.core.ports import ScenarioDefinition
from decision_gate.mcp.hooks.audit_events import AuditEvent


def scenario_published(
    principal_id: str, definition: ScenarioDefinition, previous: str | None, at_ms: int
) -> AuditEvent:
    """Tell of a version that became current; ``previous`` is the hash of the one before, none for a new scenario."""
    key = definition.key
    return AuditEvent(
        event="scenario_published",
        members={
            "timestamp_ms": at_ms,
            "transport": "cli",
            "principal_id": principal_id,
            "owner": None if key.owner is None else str(key.owner),
            "namespace_id": str(key.namespace_id),
            "scenario_id": key.scenario_id,
            "spec_version": definition.spec_version,
            "spec_hash": definition.spec_hash,
            "previous_spec_hash": previous,
        },
    )
