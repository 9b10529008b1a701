"""Split an array of objects into its raw elements while it streams by, without parsing the whole of it.

The reference parses a whole log at once, which costs memory in proportion to the run and most of the time of
a verification in garbage collection. Here one element is in memory at a time; whether it is JSON is for the
parser to say.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from decision_gate.core.runpack.errors import InvalidArrayError

MAX_ELEMENT_BYTES: Final = 268_435_456
"""Largest single record; a run has no limit, but a record must fit into memory."""

# Possessive throughout: nothing is tried twice, whatever the text. A container without containers in it is skipped as a
# whole, which halves the number of brackets that Python code has to look at.
_PLAIN: Final = rb'[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BRACKET: Final = re.compile(
    rb"(?:" + _PLAIN + rb"|[{\[](?:" + _PLAIN + rb")*+[}\]])*+([{}\[\]])",
    re.DOTALL,
)


def elements(chunks: Iterable[bytes], *, max_bytes: int = MAX_ELEMENT_BYTES) -> Iterator[bytes]:
    """Yield the objects of an array that is written without spaces, in order, as they stand.

    The end of the text is seen only when the iterator is exhausted; an element counts as sound when it was yielded.

    Raises:
        InvalidArrayError: The text is not such an array, or an element is larger than *max_bytes*.
    """
    text = _Window(iter(chunks), max_bytes)
    text.expect(b"[")
    if not text.accepts(b"]"):
        yield text.element()
        while text.accepts(b","):
            yield text.element()
        text.expect(b"]")
    text.expect_end()


class _Window:
    """The part of the stream that is in memory: from the element under way to the last chunk that was fetched."""

    def __init__(self, chunks: Iterator[bytes], max_bytes: int) -> None:
        self._chunks = chunks
        self._max_bytes = max_bytes
        self._text = b""
        self._at = 0
        self._before = 0

    def accepts(self, byte: bytes) -> bool:
        """Step over *byte* when it comes next."""
        if self._at == len(self._text):
            self._fetch(self._at, 1)
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
        if self._at < len(self._text) or self._fetch(self._at, 1):
            raise self._refusal("trailing characters", self._at)

    def element(self) -> bytes:
        """Return the object that comes next and step over it."""
        if not self.accepts(b"{"):
            raise self._refusal("expected an object", self._at)
        start = self._at - 1
        depth = 1
        while depth:
            bracket = _BRACKET.match(self._text, self._at)
            if bracket is None:
                if len(self._text) - start > self._max_bytes:
                    raise self._refusal(f"element larger than {self._max_bytes} bytes", start)
                # Fetching as much as was tried in vain keeps the work linear when one text fills many chunks.
                if not self._fetch(start, len(self._text) - self._at):
                    raise self._refusal("unexpected end", len(self._text))
                start = 0
                continue
            self._at = bracket.end()
            depth += 1 if bracket.group(1) in b"{[" else -1
        return self._text[start : self._at]

    def _fetch(self, keep_from: int, at_least: int) -> bool:
        """Forget what lies before *keep_from*, add *at_least* bytes, and tell whether there were any."""
        parts = [self._text[keep_from:]]
        fetched = 0
        for chunk in self._chunks:
            parts.append(chunk)
            fetched += len(chunk)
            if fetched >= max(at_least, 1):
                break
        self._text = b"".join(parts)
        self._before += keep_from
        self._at -= keep_from
        return fetched > 0

    def _refusal(self, reason: str, at: int) -> InvalidArrayError:
        return InvalidArrayError(reason, self._before + at)
