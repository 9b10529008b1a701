"""What the passing of time does to conditions on the built-in ``time`` provider (contract §1.2 of the providers).

``time.after`` turns from false to true once and stays, ``time.before`` from true to false. So some statuses are only a
wait away, and some are gone for good.
"""

import re
from typing import Final

import attrs

from decision_gate.core.comparators import compare
from decision_gate.core.comparators.temporal import instant
from decision_gate.core.logic import TriState
from decision_gate.core.model import ConditionSpec, EvidenceRecord, JsonEvidence

TIME_PROVIDER: Final = "time"

_FINAL: Final = {"after": True, "before": False}
_UNIX_ANCHOR: Final = "trigger_time_unix_millis"
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_EPOCH_NANOSECONDS: Final = 719_528 * 86_400 * 10**9  # from the beginning of year 0 to 1970-01-01
_MILLISECOND: Final = 1_000_000


@attrs.frozen(kw_only=True)
class Turning:
    """What a condition becomes by waiting alone; ``wait_ms`` is none when nobody can tell how long."""

    status: TriState
    wait_ms: int | None


def is_settled(condition: ConditionSpec, record: EvidenceRecord) -> bool:
    """Tell whether time has made the status final, so that neither work nor waiting can change it."""
    value = _value(condition, record)
    return value is not None and value is _FINAL[condition.query.check_id]


def turning(condition: ConditionSpec, record: EvidenceRecord) -> Turning | None:
    """Return what waiting will make of the condition, none when waiting does nothing."""
    value = _value(condition, record)
    if value is None or value is _FINAL[condition.query.check_id]:
        return None
    status = compare(condition.comparator, not value, condition.expected)
    return None if status is record.status else Turning(status=status, wait_ms=_wait_ms(condition, record))


def moment(condition: ConditionSpec) -> str:
    """Return the moment that the condition asks about, as the scenario spells it."""
    params = condition.query.params
    return str(params["timestamp"]) if isinstance(params, dict) and "timestamp" in params else "its moment"


def _value(condition: ConditionSpec, record: EvidenceRecord) -> bool | None:
    query = condition.query
    if query.provider_id != TIME_PROVIDER or query.check_id not in _FINAL or record.result.error is not None:
        return None
    value = record.result.value
    return value.value if isinstance(value, JsonEvidence) and isinstance(value.value, bool) else None


def _wait_ms(condition: ConditionSpec, record: EvidenceRecord) -> int | None:
    anchor, params = record.result.evidence_anchor, condition.query.params
    if anchor is None or anchor.anchor_type != _UNIX_ANCHOR or not _INTEGER.fullmatch(anchor.anchor_value):
        return None
    if not isinstance(params, dict):
        return None
    match params.get("timestamp"):
        case str(text) if (since_year_0 := instant(text)) is not None:
            at = (since_year_0 - _EPOCH_NANOSECONDS) // _MILLISECOND
        case int(milliseconds):
            at = milliseconds
        case _:
            return None
    # Strictly after, and before no longer: one millisecond past the moment settles both.
    return max(0, at - int(anchor.anchor_value) + 1)
