"""How long bodies are kept, and legal holds that keep them longer.

What is forgotten is salt, key and body of an event. The entry stays, so the log, its checkpoints and every proof made
before stay as they are; the forgetting is an event of its own log.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.ports import Rider
from decision_gate.enterprise.audit.leaf import EventClass, Sealer, Told, leaf_rider
from decision_gate.enterprise.audit.logs import ROOT
from decision_gate.enterprise.audit.store import AuditStore, Hold

DEFAULT_DAYS: Final = 400
"""A year, and the weeks in which an audit of that year takes place."""

_DAY_MS: Final = 86_400_000
_BATCH: Final = 500


@attrs.frozen(kw_only=True)
class Retention:
    """Days for which the bodies of each class are kept; *sealer* makes the events that tell of it."""

    days: Mapping[EventClass, int]
    sealer: Sealer

    def kept_from(self, event_class: EventClass, now_ms: int) -> int:
        """Return the time of the oldest event of a class whose body is still kept."""
        return now_ms - self.days.get(event_class, DEFAULT_DAYS) * _DAY_MS


def forget_due(store: AuditStore, retention: Retention, now_ms: int) -> int:
    """Forget the bodies whose time is over and that no hold protects; return how many.

    Raises:
        StoreUnavailableError: The database does not answer; what was forgotten before is told of.
    """
    total = 0
    for log in store.logs():
        for event_class in EventClass:
            before = retention.kept_from(event_class, now_ms)
            while log != ROOT and (indexes := store.due(log, event_class, before, _BATCH)):
                detail: dict[str, JsonValue] = {
                    "class": event_class.value,
                    "entries": list(indexes),
                    "kept_days": retention.days.get(event_class, DEFAULT_DAYS),
                }
                told = _told(retention.sealer, log, "audit_forgotten", detail, now_ms)
                if not (erased := store.erase(log, indexes, told)):
                    break  # a hold came in between
                total += erased
    return total


def set_hold(store: AuditStore, sealer: Sealer, hold: Hold, reason: str, now_ms: int) -> None:
    """Protect what *hold* covers from being forgotten; who and why is in *reason*, which the log keeps."""
    store.hold(hold, _told(sealer, hold.log, "legal_hold_set", _covered(hold, reason), now_ms))


def lift_hold(store: AuditStore, sealer: Sealer, hold: Hold, reason: str, now_ms: int) -> None:
    """Let retention periods apply again."""
    store.release(hold, _told(sealer, hold.log, "legal_hold_lifted", _covered(hold, reason), now_ms))


def _covered(hold: Hold, reason: str) -> dict[str, JsonValue]:
    return {"reason": reason, "subject": None if hold.subject is None else hold.subject.hex()}


def _told(sealer: Sealer, log: bytes, event: str, detail: dict[str, JsonValue], now_ms: int) -> Rider:
    tenant_id = int.from_bytes(log, "big")
    told = Told(event=event, event_class=EventClass.ADMINISTRATION, tenant_id=tenant_id, at_ms=now_ms)
    body = canonical({"event": event, "timestamp_ms": now_ms, "tenant_id": str(tenant_id), **detail})
    return leaf_rider(sealer.seal(told, body))
