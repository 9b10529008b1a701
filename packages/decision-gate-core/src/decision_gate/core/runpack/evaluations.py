"""Read gate evaluations without decoding again what an earlier one held.

A run is mostly asked again while it is held, and most of its evidence is then what it was the step before. Evidence is
nine tenths of a pack. So a part is known by its canonical text: what that text decodes to, that it is written as the
decoded record is, and that its hash is right was all found out the first time.
"""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from decision_gate.core.codec import DecodeError, decode, encode
from decision_gate.core.json import JsonValue, canonical_finite, plain_finite
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    EvidenceRecord,
    EvidenceResult,
    GateEvalRecord,
    GateEvaluation,
    HashDigest,
    JsonEvidence,
    TrustLane,
)
from decision_gate.core.runpack.log_checks import evidence_problem

MAX_KNOWN: Final = 512
"""How many parts of a kind are remembered; then all are forgotten, which costs less than to choose."""

MAX_KNOWN_BYTES: Final = 4_096
"""Longest text of a part that is remembered, so that memory does not grow with what a pack holds."""

Part = TypeVar("Part")


class EvaluationReader:
    """Reads the records of one gate evaluation log that are canonical, and leaves all others to ``decode``."""

    def __init__(self) -> None:
        self._evaluations = _Known(GateEvaluation, lambda _value: None, lambda _part: True)
        self._evidence = _Known(EvidenceRecord, _usual_evidence, lambda part: evidence_problem(part) is None)
        self._sound: GateEvalRecord | None = None

    def read(self, raw: bytes, value: JsonValue) -> GateEvalRecord | None:
        """Return the record whose canonical text *raw* is, none when that is not proven; *value* is *raw* parsed."""
        match value:
            case {"evaluation": evaluation, "evidence": [*items], "stage_id": str(stage), "trigger_id": str(trigger)}:
                pass
            case _:
                return None
        try:
            made, text, _ = self._evaluations.part(evaluation)
            evidence = [self._evidence.part(item) for item in items]
        except DecodeError:
            return None
        # The canonical text of an object is made of those of its members. A member that does not belong there, or a
        # part that its record would spell otherwise, makes the texts differ.
        written = b'{"evaluation":%b,"evidence":[%b],"stage_id":%b,"trigger_id":%b}' % (
            text,
            b",".join([text for _, text, _ in evidence]),
            canonical_finite(stage),
            canonical_finite(trigger),
        )
        if written != raw:
            return None
        record = GateEvalRecord(
            trigger_id=trigger,
            stage_id=stage,
            evaluation=made,
            evidence=tuple([part for part, _, _ in evidence]),
        )
        self._sound = record if all(is_known for _, _, is_known in evidence) else None
        return record

    def is_sound(self, record: GateEvalRecord) -> bool:
        """Tell whether *record* is the one read last, and every hash of its evidence was found right."""
        return record is self._sound


class _Known(Generic[Part]):
    """Parts of one kind by their canonical text, if they are written so, short, and *is_sound*."""

    def __init__(self, kind: type[Part], usual: Callable[[Any], Part | None], is_sound: Callable[[Part], bool]) -> None:
        self._kind = kind
        self._usual = usual
        self._is_sound = is_sound
        self._parts: dict[bytes, Part] = {}

    def part(self, value: JsonValue) -> tuple[Part, bytes, bool]:
        """Return what *value* decodes to, the canonical text of that, and whether it is known to be sound."""
        # Keys in the order of the file: cheaper than to sort them, and what is remembered was in canonical order.
        text = plain_finite(value)
        known = self._parts.get(text)
        if known is not None:
            return known, text, True
        part = self._usual(value)
        if part is None:
            part = decode(self._kind, value)
            written = canonical_finite(encode(part))
        else:
            written = canonical_finite(value)
        if written != text:
            return part, written, False
        if len(text) > MAX_KNOWN_BYTES or not self._is_sound(part):
            return part, text, False
        if len(self._parts) >= MAX_KNOWN:
            self._parts.clear()
        self._parts[text] = part
        return part, text, True


def _usual_evidence(value: Any) -> EvidenceRecord | None:  # noqa: ANN401 - mypy loses what patterns find in a JSON value
    """Return the evidence that *value* spells, none when it is not the usual: a JSON value and its hash, nothing else.

    INVARIANT: ``encode`` of what is returned equals *value*. Every key was looked at and there are no others.
    """
    match value:
        case {
            "condition_id": str(condition_id),
            "status": str(status),
            "result": {
                "content_type": str() | None as content_type,
                "error": None,
                "evidence_anchor": None,
                "evidence_hash": {"algorithm": "sha256", "value": str(digest)} as hashed,
                "evidence_ref": None,
                "lane": str(lane),
                "signature": None,
                "value": {"kind": "json", "value": inner} as wrapped,
            } as result,
        } if (len(value), len(result), len(hashed), len(wrapped)) == _USUAL_LENGTHS and (
            status in _STATUSES and lane in _LANES
        ):
            return EvidenceRecord(
                condition_id=condition_id,
                status=_STATUSES[status],
                result=EvidenceResult(
                    value=JsonEvidence(value=inner),
                    lane=_LANES[lane],
                    evidence_hash=HashDigest(value=digest),
                    content_type=content_type,
                ),
            )
    return None


_USUAL_LENGTHS: Final = (3, 8, 2, 2)
_STATUSES: Final = {status.value: status for status in TriState}
_LANES: Final = {lane.value: lane for lane in TrustLane}
