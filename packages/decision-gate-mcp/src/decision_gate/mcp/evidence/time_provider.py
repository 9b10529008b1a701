"""The ``time`` provider: compares the trigger's time, and never reads a clock (contract §1.2)."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

import attrs

from decision_gate.core.comparators.temporal import instant
from decision_gate.core.json import JsonValue
from decision_gate.core.model import EvidenceAnchor, EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.ports.evidence import EvidenceProvider, EvidenceProviderFailureError
from decision_gate.core.timestamps import I64_MAX, I64_MIN, Logical, Timestamp
from decision_gate.mcp.config.kinds import Boolean
from decision_gate.mcp.config.table import key

_EPOCH_DAYS: Final = 719_528  # from the beginning of year 0 to 1970-01-01
_EPOCH_NANOSECONDS: Final = _EPOCH_DAYS * 86_400 * 10**9
_MILLISECOND: Final = 1_000_000
_SEPARATOR_AT: Final = len("YYYY-MM-DD")


@attrs.frozen(kw_only=True)
class TimeSettings:
    """``config`` of the ``time`` provider."""

    allow_logical: bool = key(Boolean(), "Answer for runs that count time instead of reading it.", default=True)


def open_time_provider(settings: TimeSettings) -> AbstractContextManager[EvidenceProvider]:
    """Offer the provider to a server; it holds nothing that must be closed."""
    return nullcontext(TimeProvider(settings))


class TimeProvider:
    """Answers ``time.now``, ``time.after`` and ``time.before`` from the time of the trigger."""

    provider_id: Final = "time"

    def __init__(self, settings: TimeSettings) -> None:
        self._settings = settings

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Answer with the trigger's time, or whether it lies strictly after or before ``params.timestamp``.

        Raises:
            EvidenceProviderFailureError: another check, a logical time where those are not allowed, or parameters
                that name no time of the trigger's kind.
        """
        now = context.trigger_time
        if query.check_id not in ("now", "after", "before"):
            raise EvidenceProviderFailureError("unsupported time check")
        if isinstance(now, Logical) and not self._settings.allow_logical:
            raise EvidenceProviderFailureError("logical timestamps are not permitted")
        value: JsonValue
        match query.check_id:
            case "now":
                value = now.value
            case "after":
                value = now.value > _timestamp(query.params, now)
            case _:
                value = now.value < _timestamp(query.params, now)
        return EvidenceResult(
            value=JsonEvidence(value=value),
            evidence_anchor=EvidenceAnchor(anchor_type=f"trigger_time_{now.kind}", anchor_value=str(now.value)),
            content_type="application/json",
        )


def _timestamp(params: JsonValue, now: Timestamp) -> int:
    if params is None:
        raise EvidenceProviderFailureError("time check requires params")
    if not isinstance(params, dict):
        raise EvidenceProviderFailureError("time params must be an object")
    if "timestamp" not in params:
        raise EvidenceProviderFailureError("missing timestamp param")
    timestamp = params["timestamp"]
    return _logical(timestamp) if isinstance(now, Logical) else _unix_millis(timestamp)


def _logical(timestamp: JsonValue) -> int:
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        raise EvidenceProviderFailureError("logical timestamp must be numeric")
    if isinstance(timestamp, float) or timestamp < 0:
        raise EvidenceProviderFailureError("logical timestamp must be unsigned")
    return timestamp


def _unix_millis(timestamp: JsonValue) -> int:
    if isinstance(timestamp, str):
        # Comparators take any character between date and time, this provider only that of RFC 3339.
        moment = instant(timestamp) if timestamp[_SEPARATOR_AT : _SEPARATOR_AT + 1] in ("T", "t") else None
        if moment is None:
            raise EvidenceProviderFailureError("invalid rfc3339 timestamp")
        since = moment - _EPOCH_NANOSECONDS
        return since // _MILLISECOND if since >= 0 else -(-since // _MILLISECOND)  # toward zero
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        raise EvidenceProviderFailureError("timestamp must be number or string")
    if isinstance(timestamp, float) or not I64_MIN <= timestamp <= I64_MAX:
        raise EvidenceProviderFailureError("invalid numeric timestamp")
    return timestamp
