"""Does evidence say where it was found? One routine for the engine and the run-pack verifier (contract §6.6.1)."""

from decision_gate.core.json import JsonParseError, parse
from decision_gate.core.model import AnchorRequirement, EvidenceAnchor


def anchor_problem(anchor: EvidenceAnchor | None, requirement: AnchorRequirement) -> str | None:
    """Return the first reason why *anchor* does not meet *requirement*, none when it does."""
    if anchor is None:
        return "missing evidence_anchor"
    if anchor.anchor_type != requirement.anchor_type:
        return f"anchor_type mismatch: expected {requirement.anchor_type} got {anchor.anchor_type}"
    try:
        value = parse(anchor.anchor_value)
    except JsonParseError:
        return "anchor_value must be canonical JSON"
    if not isinstance(value, dict):
        return "anchor_value must be a JSON object"
    for field in requirement.required_fields:
        if field not in value:
            return f"anchor field {field} missing"
        match value[field]:
            case None:
                return f"anchor field {field} must be set"
            case bool():
                return f"anchor field {field} must be string or number"
            case list() | dict():
                return f"anchor field {field} must be scalar"
            case _:
                pass
    return None
