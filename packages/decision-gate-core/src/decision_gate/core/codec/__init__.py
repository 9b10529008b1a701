"""Records to wire values and back (contract §3)."""

from decision_gate.core.codec.api import canonical_record, decode, encode, hash_record
from decision_gate.core.codec.errors import DecodeError

__all__ = ["DecodeError", "canonical_record", "decode", "encode", "hash_record"]
