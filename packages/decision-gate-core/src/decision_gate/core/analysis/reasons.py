"""Why a gate does not pass, as data: stable codes and classes for programs, a sentence for people."""

import enum

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.core.logic import TriState


class DisclosureLevel(enum.Enum):
    """How much a reader may know: names and classes; directions too; or the evidence itself."""

    SUMMARY = "summary"
    TRACE = "trace"
    EVIDENCE = "evidence"


class ReasonClass(enum.Enum):
    """What kind of thing is in the way, and so who can remove it."""

    STRUCTURAL = "structural"
    """Nobody, without another scenario or configuration: trying again is useless."""

    EVIDENCE_MISSING = "evidence_missing"
    """Whoever has to produce the evidence."""

    EVIDENCE_FALSE = "evidence_false"
    """Whoever does the work: the evidence is there and says no."""

    AWAITING_HUMAN = "awaiting_human"
    """A person who has to decide."""

    TRANSIENT = "transient"
    """Time: the same question may be answered differently later."""

    TRUST = "trust"
    """Whoever vouches for the evidence: it is there but does not count."""


class ReasonCode(enum.Enum):
    """The stable names of reasons; new ones may be added, none changes its meaning."""

    NOT_SATISFIED = "not_satisfied"
    MORE_NEEDED = "more_needed"
    NO_EVIDENCE = "no_evidence"
    EVIDENCE_UNREADABLE = "evidence_unreadable"
    NOT_COMPARABLE = "not_comparable"
    QUERY_INVALID = "query_invalid"
    PROVIDER_MISSING = "provider_missing"
    PROVIDER_FAILED = "provider_failed"
    LANE_REFUSED = "lane_refused"
    ANCHOR_REFUSED = "anchor_refused"
    NOT_YET = "not_yet"
    CANNOT_PASS = "cannot_pass"  # noqa: S105 - a reason, no password


@attrs.frozen(kw_only=True)
class Reason:
    """One thing that stands in the way of one gate.

    ``condition_id`` is none when the reason is about the gate as a whole; ``any_of`` then names the conditions among
    which one has a choice. ``next`` are steps in words. ``retry_after_ms`` is how long to wait at least before asking
    again makes sense, none when waiting alone changes nothing.
    """

    code: ReasonCode
    reason_class: ReasonClass
    gate_id: str
    condition_id: str | None = None
    any_of: tuple[str, ...] = ()
    message: str
    next: tuple[str, ...] = ()
    retry_after_ms: int | None = None

    def wire(self) -> dict[str, JsonValue]:
        """Return the reason as programs read it; ``any_of`` is left out when empty."""
        value: dict[str, JsonValue] = {
            "code": self.code.value,
            "class": self.reason_class.value,
            "gate_id": self.gate_id,
            "condition_id": self.condition_id,
            "message": self.message,
            "next": list(self.next),
            "retry_after_ms": self.retry_after_ms,
        }
        if self.any_of:
            value["any_of"] = list(self.any_of)
        return value


@attrs.frozen(kw_only=True)
class GateExplanation:
    """One gate: where it stands and the cheapest way to make it pass.

    Without ``reasons`` the gate passes. ``proven_minimal`` is false when a cheaper way may exist that was not found.
    """

    gate_id: str
    status: TriState
    reasons: tuple[Reason, ...]
    proven_minimal: bool = True

    @property
    def sentence(self) -> str:
        """All reasons in one line, empty when the gate passes."""
        text = "; ".join(reason.message for reason in self.reasons)
        return text if self.proven_minimal else f"{text} (at most this much; there may be less)"

    def wire(self) -> dict[str, JsonValue]:
        """Return the explanation as programs read it."""
        return {
            "gate_id": self.gate_id,
            "status": self.status.value,
            "proven_minimal": self.proven_minimal,
            "reasons": [reason.wire() for reason in self.reasons],
        }
