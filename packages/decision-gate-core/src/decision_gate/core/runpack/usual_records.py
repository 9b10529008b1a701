"""Read the most frequent small records by their text: a plain trigger, a hold, and a call that succeeded.

Each pattern spells the canonical texts of such records and no other text: keys in order, no spaces, strings that need
no escapes, integers without signs and zeros too many and within their range. INVARIANT: the text that was read is the
canonical text of what is returned. Whatever is not as usual is left to ``decode``, which words what is wrong.
"""

import functools
import re
from typing import Any, Final

from decision_gate.core.model import (
    DecisionRecord,
    HashAlgorithm,
    HashDigest,
    HoldOutcome,
    SafeSummary,
    ToolCallRecord,
    TriggerEvent,
    TriggerKind,
    TriggerRecord,
)
from decision_gate.core.records import maker
from decision_gate.core.timestamps import UnixMillis

_PLAIN: Final = r'[^"\\\x00-\x1f]*+'
_TEXT: Final = rf'"({_PLAIN})"'
_TEXT_OR_NULL: Final = rf'(?:null|"({_PLAIN})")'
_TEXTS: Final = rf'\[(?:"({_PLAIN}(?:","{_PLAIN})*+)")?\]'
_COUNT: Final = r"(0|[1-9][0-9]{0,18})"
_ID: Final = r"([1-9][0-9]{0,18})"
_MILLIS: Final = r'\{"kind":"unix_millis","value":(0|-?[1-9][0-9]{0,17})\}'
_SHA256: Final = rf'\{{"algorithm":"sha256","value":{_TEXT}\}}'

_TRIGGER: Final = (
    rf'\{{"event":\{{"correlation_id":{_TEXT_OR_NULL},"kind":{_TEXT},"namespace_id":{_ID},"payload":null,'
    rf'"run_id":{_TEXT},"source_id":{_TEXT},"tenant_id":{_ID},"time":{_MILLIS},"trigger_id":{_TEXT}\}},'
    rf'"seq":{_COUNT}\}}'
)
_HOLD: Final = (
    rf'\{{"correlation_id":{_TEXT_OR_NULL},"decided_at":{_MILLIS},"decision_id":{_TEXT},'
    rf'"outcome":\{{"kind":"hold","summary":\{{"policy_tags":{_TEXTS},"retry_hint":{_TEXT_OR_NULL},'
    rf'"status":{_TEXT},"unmet_gates":{_TEXTS}\}}\}},"seq":{_COUNT},"stage_id":{_TEXT},"trigger_id":{_TEXT}\}}'
)
_CALL: Final = (
    rf'\{{"call_id":{_TEXT},"called_at":{_MILLIS},"correlation_id":{_TEXT_OR_NULL},"error":null,"method":{_TEXT},'
    rf'"request_hash":{_SHA256},"response_hash":{_SHA256}\}}'
)
_KINDS: Final = {kind.value: kind for kind in TriggerKind}
_ALGORITHM: Final = HashAlgorithm.SHA256

_make_digest, _make_trigger, _make_event = maker(HashDigest), maker(TriggerRecord), maker(TriggerEvent)
_make_call, _make_decision = maker(ToolCallRecord), maker(DecisionRecord)


def usual_trigger(raw: bytes) -> TriggerRecord | None:
    """Return the trigger without payload whose canonical text *raw* is, none when it is another text or trigger."""
    found = _groups(_TRIGGER, raw)
    if found is None:
        return None
    correlation_id, kind, namespace_id, run_id, source_id, tenant_id, millis, trigger_id, seq = found
    if kind not in _KINDS:
        return None
    event = _make_event(
        trigger_id,
        int(tenant_id),
        int(namespace_id),
        run_id,
        _KINDS[kind],
        UnixMillis(int(millis)),
        source_id,
        None,
        correlation_id,
    )
    return _make_trigger(int(seq), event)


def usual_hold(raw: bytes) -> DecisionRecord | None:
    """Return the decision to hold whose canonical text *raw* is, none when it is another text or decision."""
    found = _groups(_HOLD, raw)
    if found is None:
        return None
    correlation_id, millis, decision_id, tags, hint, status, gates, seq, stage_id, trigger_id = found
    summary = SafeSummary(status=status, unmet_gates=_split(gates), retry_hint=hint, policy_tags=_split(tags))
    return _make_decision(
        decision_id,
        int(seq),
        trigger_id,
        stage_id,
        UnixMillis(int(millis)),
        HoldOutcome(summary=summary),
        correlation_id,
    )


def usual_call(raw: bytes) -> ToolCallRecord | None:
    """Return the call without error whose canonical text *raw* is, none when it is another text or call."""
    found = _groups(_CALL, raw)
    if found is None:
        return None
    call_id, millis, correlation_id, method, request, response = found
    return _make_call(
        call_id,
        method,
        _make_digest(_ALGORITHM, request),
        _make_digest(_ALGORITHM, response),
        UnixMillis(int(millis)),
        correlation_id,
        None,
    )


# At first use: compiling takes milliseconds, and most processes that import this verify nothing.
_compiled = functools.cache(re.compile)


def _groups(pattern: str, raw: bytes) -> tuple[Any, ...] | None:
    try:
        found = _compiled(pattern).fullmatch(raw.decode())
    except UnicodeDecodeError:
        return None
    return None if found is None else found.groups()


def _split(texts: str | None) -> tuple[str, ...]:
    """Return the strings of an array whose outermost quotes and brackets are gone; none holds a quote."""
    return () if texts is None else tuple(texts.split('","'))
