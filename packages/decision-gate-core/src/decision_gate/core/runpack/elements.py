"""Split an array of objects into its elements while it streams by, without parsing the whole of it.

The reference parses a whole log at once, which costs memory in proportion to the run and most of the time of
a verification in garbage collection. Here one element is in memory at a time.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.core.limits import MAX_RECORD_DEPTH
from decision_gate.core.runpack.errors import InvalidArrayError

Made = TypeVar("Made")

MAX_ELEMENT_BYTES: Final = 268_435_456
"""Largest single record; a run has no limit, but a record must fit into memory."""

_GUESS_BYTES: Final = 1_048_576
"""How far the start of the next element is looked for before the brackets are counted."""

# Possessive throughout: nothing is tried twice, whatever the text. A container without containers in it is skipped as
# a whole, which halves the number of brackets that Python code has to look at.
_PLAIN: Final = rb'[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BRACKET: Final = re.compile(
    rb"(?:" + _PLAIN + rb"|[{\[](?:" + _PLAIN + rb")*+[}\]])*+([{}\[\]])",
    re.DOTALL,
)


def elements(
    chunks: Iterable[bytes],
    first_key: str,
    read: Callable[[bytes], Made | None] | None = None,
    *,
    max_bytes: int = MAX_ELEMENT_BYTES,
) -> Iterator[tuple[bytes, JsonValue | Made]]:
    """Yield the objects of an array that is written without spaces, in order: the text and the value of each.

    An element ends where the next one seems to start, with *first_key*, if what lies between is JSON; that
    cannot be wrong, because no proper beginning of an object is one. Otherwise the brackets are counted.
    *read* is asked first what to yield in place of the value; it knows the texts of some objects, and no others.

    Raises:
        InvalidArrayError: The text is not such an array, or an element is larger than *max_bytes*.
        JsonParseError: An element is not strict JSON.
    """
    text = _Window(iter(chunks), max_bytes)
    made = read or _unknown
    separator = b',{"%b":' % first_key.encode()
    text.expect(b"[")
    if not text.accepts(b"]"):
        yield text.element(separator, made)
        while text.accepts(b","):
            yield text.element(separator, made)
        text.expect(b"]")
    text.expect_end()


class _Window:
    """The part of the stream that is in memory: from the element under way to the last chunk fetched."""

    def __init__(self, chunks: Iterator[bytes], max_bytes: int) -> None:
        self._chunks = chunks
        self._max_bytes = max_bytes
        self._text = b""
        self._at = 0
        self._before = 0

    def accepts(self, byte: bytes) -> bool:
        """Step over *byte* when it comes next."""
        if self._at == len(self._text):
            self._fetch(1)
        if not self._text.startswith(byte, self._at):
            return False
        self._at += 1
        return True

    def expect(self, byte: bytes) -> None:
        """Step over *byte*, which must come next."""
        if not self.accepts(byte):
            raise self._refusal(f"expected `{byte.decode()}`", self._at)

    def expect_end(self) -> None:
        """Demand that nothing follows."""
        if self._at < len(self._text) or self._fetch(1):
            raise self._refusal("trailing characters", self._at)

    def element(self, separator: bytes, read: Callable[[bytes], Made | None]) -> tuple[bytes, JsonValue | Made]:
        """Return the object that comes next and step over it."""
        guessed = self._guess(separator)
        if guessed is not None:
            made = read(guessed)
            if made is not None:
                self._at += len(guessed)
                return guessed, made
            try:
                value = parse(guessed, max_depth=MAX_RECORD_DEPTH)
            except JsonParseError:
                pass
            else:
                if isinstance(value, dict):
                    self._at += len(guessed)
                    return guessed, value
        counted = self._count()
        self._at += len(counted)
        return counted, parse(counted, max_depth=MAX_RECORD_DEPTH)

    def _guess(self, separator: bytes) -> bytes | None:
        """Return the text up to the next *separator*, none when there is none near."""
        end = self._text.find(separator, self._at)
        while end < 0 and len(self._text) - self._at < min(_GUESS_BYTES, self._max_bytes):
            if not self._fetch(len(self._text) - self._at):
                return None
            end = self._text.find(separator, self._at)
        return self._text[self._at : end] if 0 <= end - self._at <= self._max_bytes else None

    def _count(self) -> bytes:
        """Return the object that comes next, found by counting brackets."""
        if not self.accepts(b"{"):
            raise self._refusal("expected an object", self._at)
        self._at -= 1
        scanned = 1
        depth = 1
        while depth:
            bracket = _BRACKET.match(self._text, self._at + scanned)
            if bracket is None:
                if len(self._text) - self._at > self._max_bytes:
                    raise self._refusal(f"element larger than {self._max_bytes} bytes", self._at)
                # Fetching as much as was tried in vain keeps the work linear when one text fills many chunks.
                if not self._fetch(len(self._text) - self._at - scanned):
                    raise self._refusal("unexpected end", len(self._text))
                continue
            scanned = bracket.end() - self._at
            depth += 1 if bracket.group(1) in b"{[" else -1
        return self._text[self._at : self._at + scanned]

    def _fetch(self, at_least: int) -> bool:
        """Forget what was stepped over, add *at_least* bytes, and tell whether there were any."""
        parts = [self._text[self._at :]]
        fetched = 0
        for chunk in self._chunks:
            parts.append(chunk)
            fetched += len(chunk)
            if fetched >= at_least and fetched:
                break
        self._text = b"".join(parts)
        self._before += self._at
        self._at = 0
        return fetched > 0

    def _refusal(self, reason: str, at: int) -> InvalidArrayError:
        return InvalidArrayError(reason, self._before + at)


def _unknown(_text: bytes) -> None:
    return None
