"""Decode a wire value once at the border; encode, canonicalise and hash a record (contract §1.6, §7)."""

import functools
import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

import cattrs

from decision_gate.core.codec.converter import converter, refusal_in
from decision_gate.core.codec.errors import DecodeError, WrongValueError
from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.model import HashDigest

Record = TypeVar("Record")


def decode(kind: type[Record], value: JsonValue) -> Record:
    """Return the record of *kind* that *value* spells.

    Unknown keys are ignored; absent and null both mean none where a field is optional; where it has a default null is
    refused.

    Raises:
        DecodeError: *value* is not such a record; the first refused place is named.
    """
    try:
        return converter().structure(value, kind)
    except (WrongValueError, cattrs.BaseValidationError) as error:
        refusal = refusal_in(error)
        raise DecodeError(refusal.path.removeprefix("."), refusal.reason) from error


def encode(record: Any) -> Any:
    """Return the wire value of *record*, keys in declaration order, none as null or left out as contract §3 says."""
    return _encoder(type(record))(record)  # type: ignore[arg-type]  # mypy doubts that classes hash


def canonical_record(record: Any) -> bytes:
    """Return the canonical bytes of *record*.

    Raises:
        CanonicalJsonError: It holds a number that is not finite.
    """
    return canonical(encode(record))


def hash_record(record: Any) -> HashDigest:
    """Return the SHA-256 of the canonical bytes of *record* (contract §7)."""
    return HashDigest(value=hashlib.sha256(canonical_record(record)).hexdigest())


@functools.cache
def _encoder(kind: type[Any]) -> Callable[[Any], Any]:
    # What ``converter().unstructure`` looks up at every call.
    return converter().get_unstructure_hook(kind)
