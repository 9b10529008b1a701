"""Read gate evaluations by their text, without reading again what an earlier one held.

A run is mostly asked again while it is held, and most of its evidence is then what it was the step before. Evidence is
nine tenths of a pack. So a part is known by its canonical text: what it decodes to, and that its hash is right, was
found out the first time. Evidence that is new mostly is a new value of a condition that had another before: then only
the value, its hash and the status are new, and the rest of the text is known.

INVARIANT: a text is never taken apart by what is found in it alone. What is read is put together of parts each of which
is proven to be the canonical text of its record, and together they are the whole text.
"""

import hashlib
from typing import Final, TypeVar

import attrs

from decision_gate.core.codec import DecodeError, canonical_record, decode
from decision_gate.core.json import ABSENT, canonical_finite, read_canonical
from decision_gate.core.limits import MAX_RECORD_DEPTH
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    EvidenceRecord,
    EvidenceResult,
    GateEvalRecord,
    GateEvaluation,
    HashAlgorithm,
    HashDigest,
    JsonEvidence,
    TrustLane,
)
from decision_gate.core.records import maker
from decision_gate.core.runpack.log_checks import evidence_problem

MAX_KNOWN: Final = 512
"""How many parts of a kind are remembered; then all are forgotten, which costs less than to choose."""

MAX_KNOWN_BYTES: Final = 4_096
"""Longest text of a part that is remembered, so that memory does not grow with what a pack holds."""

Part = TypeVar("Part")

_EVALUATION: Final = b'{"evaluation":'
_EVIDENCE: Final = b',"evidence":['
_NAMES: Final = b'],"stage_id":'
_EVIDENCE_DEPTH: Final = MAX_RECORD_DEPTH - 2
_VALUE_DEPTH: Final = _EVIDENCE_DEPTH - 3

# The usual evidence, a value and its hash and nothing else, in four parts between which the values stand.
_CONDITION: Final = b'{"condition_id":'
_NEXT_CONDITION: Final = b"," + _CONDITION
_CONTENT_TYPE: Final = b',"result":{"content_type":'
_HASH: Final = b',"error":null,"evidence_anchor":null,"evidence_hash":{"algorithm":"sha256","value":"'
_LANES: Final = {
    b'"},"evidence_ref":null,"lane":"%b","signature":null,"value":{"kind":"json","value":' % lane.value.encode(): lane
    for lane in TrustLane
}
[_LANE_BYTES] = {len(text) for text in _LANES}
_STATUS: Final = b'}},"status":'
_STATUSES: Final = {b'}},"status":"%b"}' % status.value.encode(): status for status in TriState}
_HASH_BYTES: Final = 64
_SHA256: Final = HashAlgorithm.SHA256

_make_digest, _make_json, _make_result = maker(HashDigest), maker(JsonEvidence), maker(EvidenceResult)
_make_evidence, _make_record = maker(EvidenceRecord), maker(GateEvalRecord)


class EvaluationReader:
    """Reads the records of one gate evaluation log by their text, and leaves those it cannot prove to ``decode``."""

    def __init__(self) -> None:
        self._evaluations: dict[bytes, GateEvaluation] = {}
        self._evidence: dict[bytes, EvidenceRecord] = {}
        self._beginnings: dict[bytes, _Beginning] = {}
        self._sound: GateEvalRecord | None = None

    def read(self, raw: bytes) -> GateEvalRecord | None:
        """Return the record whose canonical text *raw* is, none when that is not proven."""
        middle, end = raw.find(_EVIDENCE), raw.rfind(_NAMES)
        if not raw.startswith(_EVALUATION) or middle < 0 or end < middle:
            return None
        match read_canonical(b"{" + raw[end + 2 :]):
            case {"stage_id": str(stage_id), "trigger_id": str(trigger_id), **further} if not further:
                pass
            case _:
                return None
        evaluation = self._evaluation(raw[len(_EVALUATION) : middle])
        evidence = raw[middle + len(_EVIDENCE) : end]
        if evaluation is None or not (evidence.startswith(_CONDITION) or not evidence):
            return None
        is_sound = True
        parts = []
        # A value that holds such a comma itself is torn, and then proves to be no evidence.
        for text in evidence[len(_CONDITION) :].split(_NEXT_CONDITION) if evidence else ():
            part = self._evidence.get(text) or self._changed(text)
            if part is None:
                part = self._other(text)
                if part is None:
                    return None
                is_sound = is_sound and evidence_problem(part) is None
            parts.append(part)
        record = _make_record(trigger_id, stage_id, evaluation, tuple(parts))
        self._sound = record if is_sound else None
        return record

    def is_sound(self, record: GateEvalRecord) -> bool:
        """Tell whether *record* is the one read last, and every hash of its evidence was found right."""
        return record is self._sound

    def _evaluation(self, text: bytes) -> GateEvaluation | None:
        known = self._evaluations.get(text)
        if known is None:
            known = _decoded(GateEvaluation, text)
            if known is not None and len(text) <= MAX_KNOWN_BYTES:
                if len(self._evaluations) >= MAX_KNOWN:
                    self._evaluations.clear()
                self._evaluations[text] = known
        return known

    def _changed(self, text: bytes) -> EvidenceRecord | None:
        """Return usual evidence with the right hash of a condition that had such evidence before."""
        hash_at = text.find(_HASH) + len(_HASH)
        lane_at = hash_at + _HASH_BYTES
        value_at = lane_at + _LANE_BYTES
        status_at = text.rfind(_STATUS)
        beginning = self._beginnings.get(text[:hash_at])
        lane = _LANES.get(text[lane_at:value_at])
        status = _STATUSES.get(text[status_at:])
        if beginning is None or lane is None or status is None or len(text) > MAX_KNOWN_BYTES:
            return None
        value_text = text[value_at:status_at]
        digest = hashlib.sha256(value_text).hexdigest()
        if not text.startswith(digest.encode(), hash_at):
            return None
        value = read_canonical(value_text, max_depth=_VALUE_DEPTH)
        if value is ABSENT:
            return None
        result = _make_result(
            _make_json(value), lane, None, _make_digest(_SHA256, digest), None, None, None, beginning.content_type
        )
        evidence = _make_evidence(beginning.condition_id, status, result)
        # What was new in every step so far is not worth remembering.
        if beginning.last == text:
            self._remember(text, evidence)
        beginning.last = text
        return evidence

    def _other(self, text: bytes) -> EvidenceRecord | None:
        """Return evidence of any sort."""
        evidence = _decoded(EvidenceRecord, _CONDITION + text)
        if evidence is None or len(text) > MAX_KNOWN_BYTES or evidence_problem(evidence) is not None:
            return evidence
        self._remember(text, evidence)
        if isinstance(evidence.result.value, JsonEvidence):
            if len(self._beginnings) >= MAX_KNOWN:
                self._beginnings.clear()
            beginning = _Beginning(condition_id=evidence.condition_id, content_type=evidence.result.content_type)
            self._beginnings[beginning.text] = beginning
        return evidence

    def _remember(self, text: bytes, evidence: EvidenceRecord) -> None:
        if len(self._evidence) >= MAX_KNOWN:
            self._evidence.clear()
        self._evidence[text] = evidence


@attrs.define(kw_only=True)
class _Beginning:
    """How usual evidence of a condition begins, and the text of the newest."""

    condition_id: str
    content_type: str | None
    last: bytes = b""

    @property
    def text(self) -> bytes:
        """The canonical text up to the hash, without the key that all evidence begins with."""
        return canonical_finite(self.condition_id) + _CONTENT_TYPE + canonical_finite(self.content_type) + _HASH


def _decoded(kind: type[Part], text: bytes) -> Part | None:
    """Return the record of *kind* whose canonical text *text* is, none when it is none."""
    value = read_canonical(text, max_depth=_EVIDENCE_DEPTH)
    if value is ABSENT:
        return None
    try:
        part = decode(kind, value)
    except DecodeError:
        return None
    return part if canonical_record(part) == text else None
