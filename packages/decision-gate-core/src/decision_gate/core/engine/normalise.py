"""From a provider's answer to the evidence that is judged and recorded (contract §6.6 point 3)."""

import hashlib
from typing import Final

import attrs

from decision_gate.core.engine.anchors import anchor_problem
from decision_gate.core.engine.errors import EvidenceTooLargeError
from decision_gate.core.json import CanonicalSizeError, canonical, canonical_scalar, canonical_within
from decision_gate.core.limits import MAX_EVIDENCE_BYTES
from decision_gate.core.model import (
    AnchorRequirement,
    BytesEvidence,
    EvidenceProviderError,
    EvidenceResult,
    EvidenceValue,
    HashAlgorithm,
    HashDigest,
)
from decision_gate.core.ports import EvidenceAnswer, ProviderFailure
from decision_gate.core.records import maker

_SHA256 = HashAlgorithm.SHA256
_make_digest, _make_result = maker(HashDigest), maker(EvidenceResult)


def normalise(answer: EvidenceAnswer, anchor: AnchorRequirement | None) -> EvidenceResult:
    """Return the evidence as it is judged and recorded.

    A failure becomes the empty verified result with ``provider_error``. An error keeps reference, anchor, signature and
    lane and loses value, hash and content type. A violated *anchor* requirement wipes everything. A value is hashed,
    whatever hash the provider sent.

    Raises:
        EvidenceTooLargeError: The value is over 1 MiB of canonical JSON or raw bytes.
    """
    if isinstance(answer, ProviderFailure):
        text = f"evidence provider error: {answer.message}"
        return EvidenceResult(error=EvidenceProviderError(code="provider_error", message=text))
    if answer.error is not None:
        return attrs.evolve(answer, value=None, evidence_hash=None, content_type=None)
    if anchor is not None and (problem := anchor_problem(answer.evidence_anchor, anchor)) is not None:
        return EvidenceResult(error=EvidenceProviderError(code="anchor_invalid", message=problem))
    return hashed(answer)


def hashed(result: EvidenceResult) -> EvidenceResult:
    """Return *result* with the hash of its value; without a value it stays as it is.

    Raises:
        EvidenceTooLargeError: The value is over 1 MiB of canonical JSON or raw bytes.
    """
    value = result.value
    if value is None:
        return result
    inner = value.value
    digest = _OF_TRUE if inner is True else _OF_FALSE if inner is False else _digest(evidence_bytes(value))
    # Spelled out: ``attrs.evolve`` looks up every field by name, once for each condition of each step.
    return _make_result(
        value,
        result.lane,
        result.error,
        digest,
        result.evidence_ref,
        result.evidence_anchor,
        result.signature,
        result.content_type,
    )


def evidence_bytes(value: EvidenceValue) -> bytes:
    """Return what is hashed of a value: the canonical inner JSON, or the raw bytes (contract §7.3).

    Raises:
        EvidenceTooLargeError: They are over 1 MiB.
    """
    if isinstance(value, BytesEvidence):
        if len(value.value) > MAX_EVIDENCE_BYTES:
            raise EvidenceTooLargeError(len(value.value), MAX_EVIDENCE_BYTES)
        return value.value
    inner = value.value
    kind = type(inner)
    if kind is int or kind is str:
        text = canonical_scalar(inner)  # type: ignore[arg-type]  # mypy does not narrow by kind
        if len(text) <= MAX_EVIDENCE_BYTES:
            return text
    elif inner is None or kind is bool or kind is float:
        return canonical(inner)
    try:
        return canonical_within(inner, MAX_EVIDENCE_BYTES)
    except CanonicalSizeError as error:
        raise EvidenceTooLargeError(error.actual, error.limit) from error


def _digest(content: bytes) -> HashDigest:
    return _make_digest(_SHA256, hashlib.sha256(content).hexdigest())


# The two most frequent answers of all checks.
_OF_TRUE: Final = _digest(b"true")
_OF_FALSE: Final = _digest(b"false")
