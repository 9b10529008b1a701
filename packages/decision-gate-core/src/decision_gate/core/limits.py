"""The limits of contract §11 in one place: a name, a number, and what happens at the edge.

Limits of one door only (HTTP bodies, configuration) live beside that door; limits of defects that we do not
share (16 MiB run snapshots, evidence nested deeper than 120: deviation S6) are not here.
"""

from typing import Final

MAX_JSON_DEPTH: Final = 127
"""Nested containers a parsed document may have; the next opening bracket is refused (§11.1)."""

MAX_RECORD_DEPTH: Final = MAX_JSON_DEPTH + 16
"""Nested containers of what Decision Gate wrote itself: a value that some way in let through, some containers down.
Such a record is never too deep to be read again (deviation S6)."""

MIN_JSON_INTEGER: Final = -(2**63)
"""Smallest integer literal that stays an integer; smaller ones become floats (§1.2, §11.2)."""

MAX_JSON_INTEGER: Final = 2**64 - 1
"""Largest integer literal that stays an integer; larger ones become floats (§1.2, §11.2)."""

MAX_U64: Final = 2**64 - 1
"""Largest of sequences, logical times and numeric ids, which are u64 (§2)."""

MIN_NUMERIC_ID: Final = 1
"""Tenant and namespace ids are 1 … 2^64-1; zero is refused (§11.3)."""

MAX_IDENTIFIER_BYTES: Final = 255
"""UTF-8 bytes of an identifier where it enters (deviation S11)."""

MAX_REQUIREMENT_DEPTH: Final = 32
"""Depth of a requirement tree, its root at 0; a deeper node is Unknown and a definition with one is refused
(§11.4, §11.5, deviation S4)."""

MAX_GROUP_MIN: Final = 255
"""Largest ``min`` of a ``RequireGroup``, a u8 (§11.6)."""

MAX_DSL_BYTES: Final = 1_048_576
"""Bytes of a requirement in the text language, checked before lexing (§11.7)."""

MAX_DSL_DEPTH: Final = 32
"""Nested parentheses and functions of the text language (§11.8)."""

MAX_EVIDENCE_BYTES: Final = 1_048_576
"""Bytes of one evidence value, canonical JSON or raw; one more fails the call before hashing (§11.14)."""

MAX_PAYLOAD_BYTES: Final = 2_097_152
"""Bytes of one packet or submission payload, canonical JSON or raw (§11.15)."""

MAX_SCHEMA_BYTES: Final = 1_048_576
"""Canonical bytes of a registered data shape; configuration may lower it (§11.19)."""
