"""The content hash of packets and submissions (contract §7.4), and when two payloads are the same."""

import hashlib
from typing import assert_never

from decision_gate.core.engine.errors import PayloadTooLargeError
from decision_gate.core.json import CanonicalSizeError, canonical_within
from decision_gate.core.limits import MAX_PAYLOAD_BYTES
from decision_gate.core.model import BytesPayload, ExternalPayload, HashDigest, JsonPayload, PacketPayload


def content_hash(payload: PacketPayload) -> HashDigest:
    """Return the hash of the canonical inner JSON or of the raw bytes; that of a reference is copied as given.

    Raises:
        PayloadTooLargeError: The payload is over 2 MiB.
    """
    match payload:
        case JsonPayload(value=value):
            try:
                return _digest(canonical_within(value, MAX_PAYLOAD_BYTES))
            except CanonicalSizeError as error:
                raise PayloadTooLargeError(error.actual, error.limit) from error
        case BytesPayload(bytes=raw):
            if len(raw) > MAX_PAYLOAD_BYTES:
                raise PayloadTooLargeError(len(raw), MAX_PAYLOAD_BYTES)
            return _digest(raw)
        case ExternalPayload(content_ref=reference):
            return reference.content_hash
        case _ as never:
            assert_never(never)


def _digest(content: bytes) -> HashDigest:
    return HashDigest(value=hashlib.sha256(content).hexdigest())
