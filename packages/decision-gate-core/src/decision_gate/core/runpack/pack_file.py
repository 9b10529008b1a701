"""One file of a run pack, read once: hashed, split into records and decoded as it streams by."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Generic, TypeAlias, TypeVar

import attrs

from decision_gate.core.codec import DecodeError, decode, encode
from decision_gate.core.json import JsonParseError, JsonValue, canonical_finite, parse
from decision_gate.core.ports import ArtifactError, ArtifactReader, ArtifactTooLargeError, is_tombstone
from decision_gate.core.runpack.elements import MAX_ELEMENT_BYTES, elements
from decision_gate.core.runpack.errors import InvalidArrayError

Record = TypeVar("Record")

Shortcut: TypeAlias = Callable[[bytes], Record | None]
"""Returns the record whose canonical text it is given, none for any other text and for records it does not know."""


@attrs.frozen
class Entry(Generic[Record]):
    """One record of a log; ``position`` counts from 1, ``raw`` is what the file holds."""

    position: int
    record: Record
    raw: bytes


class PackFile:
    """One file while and after it is read.

    After ``finish``: ``sha256`` is the digest of everything there was, none when it could not be read to its
    end; ``read_problem`` says why not; ``format_problem`` says why the content is not what it should be;
    ``not_canonical`` and ``erased`` are the positions of the first record that is written otherwise, or that is
    a tombstone; ``size`` and ``count`` are bytes and records.
    """

    def __init__(self, reader: ArtifactReader, path: str) -> None:
        self.path = path
        self.sha256: str | None = None
        self.size = 0
        self.count = 0
        self.read_problem: str | None = None
        self.format_problem: str | None = None
        self.not_canonical: int | None = None
        self.erased: int | None = None
        self._digest = hashlib.sha256()
        self._source = self._chunks(reader)

    @property
    def is_whole(self) -> bool:
        """Whether every record could be read and decoded."""
        return self.read_problem is None and self.format_problem is None and self.erased is None

    def entries(self, kind: type[Record], read: Shortcut[Record] | None = None) -> Iterator[Entry[Record]]:
        """Yield the records of a log up to the first that cannot be decoded; tombstones are left out.

        *read* is asked first for each, if given.
        """
        try:
            for raw, value in elements(self._source, _first_key(kind), read):
                self.count += 1
                # What *read* did not make is a parsed value, which mypy does not conclude.
                record = value if isinstance(value, kind) else self._record(kind, raw, value)  # type: ignore[arg-type]
                if record is not None:
                    yield Entry(self.count, record, raw)
        except InvalidArrayError as error:
            self._refuse(str(error))
        except JsonParseError as error:
            self._refuse(f"record {self.count + 1}: {error}")
        except DecodeError as error:
            separator = "." if error.path and not error.path.startswith("[") else ""
            place = f"[{self.count - 1}]{separator}{error.path}"
            self._refuse(f"{place}: {error.reason}")

    def whole(self, kind: type[Record]) -> Record | None:
        """Return the one record that the file is, none when it is not."""
        parts: list[bytes] = []
        size = 0
        for chunk in self._source:
            size += len(chunk)
            if size > MAX_ELEMENT_BYTES:
                self._refuse(f"larger than {MAX_ELEMENT_BYTES} bytes")
                return None
            parts.append(chunk)
        raw = b"".join(parts)
        self.count = 1
        try:
            return self._record(kind, raw, parse(raw))
        except (JsonParseError, DecodeError) as error:
            self._refuse(str(error))
            return None

    def finish(self) -> None:
        """Read what nobody asked for, so that the digest covers the whole file."""
        for _ in self._source:
            pass

    def _record(self, kind: type[Record], raw: bytes, value: JsonValue) -> Record | None:
        if is_tombstone(value):
            self.erased = self.erased or self.count
            return None
        record = decode(kind, value)
        if self.not_canonical is None and canonical_finite(encode(record)) != raw:
            self.not_canonical = self.count
        return record

    def _refuse(self, reason: str) -> None:
        if self.read_problem is None:
            self.format_problem = reason

    def _chunks(self, reader: ArtifactReader) -> Iterator[bytes]:
        try:
            for chunk in reader.chunks(self.path):
                self._digest.update(chunk)
                self.size += len(chunk)
                yield chunk
        except (ArtifactError, ArtifactTooLargeError) as error:
            self.read_problem = str(error)
        else:
            self.sha256 = self._digest.hexdigest()


def _first_key(kind: type) -> str:
    """Return the key with which a canonical record of *kind* begins."""
    return min(attrs.fields_dict(kind))
