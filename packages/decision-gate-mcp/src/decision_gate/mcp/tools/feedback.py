"""How much of a decision ``scenario_next`` explains, and to whom (contract §8.1, §8.2)."""

from collections.abc import Callable, Sequence

import attrs

from decision_gate.core.analysis import DisclosureLevel, explain
from decision_gate.core.codec import decode
from decision_gate.core.json import JsonValue, parse
from decision_gate.core.limits import MAX_RECORD_DEPTH
from decision_gate.core.model import GateEvalRecord, ScenarioSpec
from decision_gate.mcp.config.feedback import FeedbackLevel, FeedbackTable
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.tools.arguments import FeedbackWish
from decision_gate.mcp.tools.call import Place


@attrs.frozen(kw_only=True)
class Granted:
    """The level a caller gets, and the refusal of a higher one."""

    level: FeedbackLevel
    denied_reason: str | None = None


@attrs.frozen(kw_only=True)
class FeedbackRule:
    """Decides the level by the caller, what it asks for and what the configuration allows."""

    table: FeedbackTable

    def grant(self, principal: Principal, place: Place, wish: FeedbackWish | None) -> Granted | None:
        """Return what is told, none when a reply carries no feedback at all."""
        table = self.table
        if wish is not None:
            requested = FeedbackLevel(wish.value)
        else:
            requested = table.local_only_default if principal.is_local else table.default
        capped = min(requested, table.max, key=lambda level: level.rank)
        level = self._allowed(capped, principal, place)
        reason = None
        if level.rank < requested.rank:
            reason = f"feedback level denied (requested={requested.value}, allowed={level.value})"
        if level is FeedbackLevel.SUMMARY and wish is None and reason is None:
            return None
        return Granted(level=level, denied_reason=reason)

    def _allowed(self, capped: FeedbackLevel, principal: Principal, place: Place) -> FeedbackLevel:
        table = self.table
        if capped is FeedbackLevel.EVIDENCE and _is_among(
            principal, place, table.evidence_subjects, table.evidence_roles
        ):
            return FeedbackLevel.EVIDENCE
        if capped is not FeedbackLevel.SUMMARY and _is_among(principal, place, table.trace_subjects, table.trace_roles):
            return FeedbackLevel.TRACE
        return FeedbackLevel.SUMMARY


def feedback_value(
    granted: Granted, gate_evals: Sequence[bytes], raw_allowed: Callable[[str], bool]
) -> dict[str, JsonValue]:
    """Return the ``feedback`` member.

    Args:
        granted: Level and refusal.
        gate_evals: Stored gate evaluations of the request's trigger, in stored order.
        raw_allowed: Tells whether the raw evidence of a condition may be disclosed.
    """
    value: dict[str, JsonValue] = {"level": granted.level.value}
    if granted.denied_reason is not None:
        value["denied_reason"] = granted.denied_reason
    if granted.level is FeedbackLevel.TRACE:
        value["gate_evaluations"] = [_member(body, "evaluation") for body in gate_evals]
    elif granted.level is FeedbackLevel.EVIDENCE:
        value["gate_records"] = [_redacted(body, raw_allowed) for body in gate_evals]
    return value


def reasons_value(
    granted: Granted, spec: ScenarioSpec | None, gate_evals: Sequence[bytes], raw_allowed: Callable[[str], bool]
) -> list[JsonValue]:
    """Return what is still needed, as data, no further than the level goes; nothing of gates that pass.

    Args:
        granted: The level: names and classes, directions too, or the evidence itself.
        spec: The scenario of the run.
        gate_evals: As for ``feedback_value``.
        raw_allowed: As for ``feedback_value``; what may not be disclosed is told by its direction only.
    """
    if spec is None:
        return []
    records = [decode(GateEvalRecord, parse(body, max_depth=MAX_RECORD_DEPTH)) for body in gate_evals]
    level = DisclosureLevel(granted.level.value)
    return [
        reason.wire()
        for explanation in explain(spec, records, level, raw_allowed=raw_allowed)
        for reason in explanation.reasons
    ]


def redact_result(result: dict[str, JsonValue], *, is_raw_allowed: bool) -> None:
    """Remove from an evidence result what is not disclosed, in place (contract §8.1)."""
    hidden: tuple[str, ...] = ()
    if result.get("error") is not None:
        hidden = ("value", "content_type", "evidence_hash")
    elif not is_raw_allowed:
        hidden = ("value", "content_type")
    for member in hidden:
        result[member] = None


def _redacted(body: bytes, raw_allowed: Callable[[str], bool]) -> JsonValue:
    record = parse(body, max_depth=MAX_RECORD_DEPTH)
    entries = record["evidence"] if isinstance(record, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(result := entry["result"], dict):
            redact_result(result, is_raw_allowed=raw_allowed(str(entry["condition_id"])))
    return record


def _member(body: bytes, name: str) -> JsonValue:
    record = parse(body, max_depth=MAX_RECORD_DEPTH)
    return record[name] if isinstance(record, dict) else None


def _is_among(principal: Principal, place: Place, subjects: Sequence[str], roles: Sequence[str]) -> bool:
    return principal.id in subjects or principal.holds_any(roles, place.tenant_id, place.namespace_id)
