"""Read the two most frequent small records without the general decoder: a plain trigger and a call that succeeded.

INVARIANT: ``encode`` of what is returned equals the value that was read, so a text that is canonical for the one is
canonical for the other. Every key was looked at, there are no others, and every leaf is of its type and range. Whatever
is not as usual is left to ``decode``, which words what is wrong.
"""

from typing import Any, Final

from decision_gate.core.json import canonical_finite
from decision_gate.core.model import HashDigest, ToolCallRecord, TriggerEvent, TriggerKind, TriggerRecord
from decision_gate.core.timestamps import I64_MAX, I64_MIN, U64_MAX, UnixMillis


def usual_trigger(raw: bytes, value: Any) -> TriggerRecord | None:  # noqa: ANN401 - a JSON value, see below
    """Return the trigger without payload that *raw* canonically spells, none when it is another text or trigger."""
    match value:
        case {
            "event": {
                "correlation_id": str() | None as correlation_id,
                "kind": str(kind),
                "namespace_id": namespace_id,
                "payload": None,
                "run_id": str(run_id),
                "source_id": str(source_id),
                "tenant_id": tenant_id,
                "time": {"kind": "unix_millis", "value": millis} as time,
                "trigger_id": str(trigger_id),
            } as event,
            "seq": seq,
        } if (
            (len(value), len(event), len(time)) == _TRIGGER_LENGTHS
            and kind in _KINDS
            and type(namespace_id) is type(tenant_id) is type(millis) is type(seq) is int
            and 0 < namespace_id <= U64_MAX
            and 0 < tenant_id <= U64_MAX
            and 0 <= seq <= U64_MAX
            and I64_MIN <= millis <= I64_MAX
            and canonical_finite(value) == raw
        ):
            return TriggerRecord(
                seq=seq,
                event=TriggerEvent(
                    trigger_id=trigger_id,
                    tenant_id=tenant_id,
                    namespace_id=namespace_id,
                    run_id=run_id,
                    kind=_KINDS[kind],
                    time=UnixMillis(millis),
                    source_id=source_id,
                    correlation_id=correlation_id,
                ),
            )
    return None


def usual_call(raw: bytes, value: Any) -> ToolCallRecord | None:  # noqa: ANN401 - mypy loses what patterns find in JSON
    """Return the call without error that *raw* canonically spells, none when it is another text or call."""
    match value:
        case {
            "call_id": str(call_id),
            "called_at": {"kind": "unix_millis", "value": millis} as time,
            "correlation_id": str() | None as correlation_id,
            "error": None,
            "method": str(method),
            "request_hash": {"algorithm": "sha256", "value": str(request)} as asked,
            "response_hash": {"algorithm": "sha256", "value": str(response)} as answered,
        } if (
            (len(value), len(time), len(asked), len(answered)) == _CALL_LENGTHS
            and type(millis) is int
            and I64_MIN <= millis <= I64_MAX
            and canonical_finite(value) == raw
        ):
            return ToolCallRecord(
                call_id=call_id,
                method=method,
                request_hash=HashDigest(value=request),
                response_hash=HashDigest(value=response),
                called_at=UnixMillis(millis),
                correlation_id=correlation_id,
            )
    return None


_TRIGGER_LENGTHS: Final = (2, 9, 2)
_CALL_LENGTHS: Final = (7, 2, 2, 2)
_KINDS: Final = {kind.value: kind for kind in TriggerKind}
