"""What an entry is found by: columns beside it, which repeat what it says, for retention, holds and proofs."""

import attrs

from decision_gate.core.json import JsonParseError, parse
from decision_gate.enterprise.audit.leaf import EventClass, run_subject


@attrs.frozen(kw_only=True)
class FoundBy:
    """The class of its event, when that happened, and its run."""

    event_class: EventClass = EventClass.OTHER
    at_ms: int = 0
    subject: bytes | None = None

    @classmethod
    def read(cls, entry: bytes) -> "FoundBy":
        """Read an entry; one that is not ours, which only a hand in the outbox can have put there, is of no class."""
        try:
            members = parse(entry)
        except JsonParseError:
            return cls()
        match members:
            case {"class": str() as word, "time": int() as at_ms, **rest} if word in set(EventClass):
                return cls(event_class=EventClass(word), at_ms=at_ms, subject=_run_of(rest.get("run")))
            case _:
                return cls()


def _run_of(run: object) -> bytes | None:
    match run:
        case {"namespace_id": str() as namespace, "run_id": str() as run_id} if _is_number(namespace):
            return run_subject(int(namespace), run_id)
        case _:
            return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) < 2**64 if len(text) <= len(str(2**64)) else False
