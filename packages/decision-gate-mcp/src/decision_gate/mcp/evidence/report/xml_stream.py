"""Read XML that somebody else wrote: elements and attributes in order, and nothing that can be defined or fetched.

A DOCTYPE without internal subset is taken out before the parser sees the text (JaCoCo, Istanbul, c8 and Vitest
write one). INVARIANT: the parser therefore never sees a DOCTYPE that we accept, so that for it every entity but
the five of XML is undeclared, also in attributes, where expat drops undeclared ones silently once it has seen a
DOCTYPE it did not read.
"""

import re
from typing import Protocol
from xml.parsers import expat

import attrs

from decision_gate.mcp.evidence.report.errors import ReportInvalidError
from decision_gate.mcp.evidence.report.text import decode

MAX_DEPTH = 127
"""Nested elements; the limit of JSON documents too."""

_LITERAL = r"""(?:"[^"]*+"|'[^']*+')"""
_DOCTYPE = re.compile(
    r"(?:\s++|<!--(?:[^-]|-(?!-))*+-->|<\?(?:[^?]|\?(?!>))*+\?>)*+"
    rf"(<!DOCTYPE\s++[^\s<>\[\]\"']++(?:\s++(?:SYSTEM|PUBLIC\s++{_LITERAL})\s++{_LITERAL})?\s*+>)"
)
_ENCODINGS = {
    "utf-8": frozenset(("utf-8", "utf8")),
    "utf-16": frozenset(("utf-16", "utf-16le", "utf-16be")),
}


class XmlListener(Protocol):
    """Takes the elements of a document in order; text between them is not told."""

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        """Take the beginning of an element; *tag* has its prefix, as written."""
        ...

    def end(self, tag: str) -> None:
        """Take the end of the innermost element that has begun."""
        ...


@attrs.frozen(kw_only=True)
class XmlRoot:
    """The outermost element."""

    tag: str
    attributes: dict[str, str]


class _RootSeenError(Exception):
    """Ends the reading at the first element; carries it."""

    def __init__(self, root: XmlRoot) -> None:
        super().__init__()
        self.root = root


class _FirstElement:
    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        del line
        raise _RootSeenError(XmlRoot(tag=tag, attributes=attributes))

    def end(self, tag: str) -> None:
        raise AssertionError(f"no element begins before {tag} ends")


def xml_root(content: bytes) -> XmlRoot:
    """Return the outermost element without reading what is in it.

    Raises:
        ReportInvalidError: the text up to there is not XML as ``read_xml`` reads it.
    """
    try:
        read_xml(content, _FirstElement())
    except _RootSeenError as seen:
        return seen.root
    raise ReportInvalidError("no element")


def read_xml(content: bytes, listener: XmlListener) -> None:
    """Tell *listener* the elements of a document.

    Raises:
        ReportInvalidError: not UTF-8 or UTF-16, not well-formed, deeper than ``MAX_DEPTH``, a DOCTYPE with an internal
            subset, or an entity that XML itself does not define.
    """
    text, encoding = decode(content)
    if "\0" in text:  # from which expat would guess an encoding of its own
        raise ReportInvalidError("a character that XML does not allow")
    parser = expat.ParserCreate()  # given a str, it ignores the encoding that the document declares; we check it
    stream = _Stream(parser, listener, encoding)
    parser.XmlDeclHandler = stream.declaration
    parser.StartDoctypeDeclHandler = stream.doctype
    parser.StartElementHandler = stream.start
    parser.EndElementHandler = stream.end
    try:
        parser.Parse(_without_doctype(text), True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        raise ReportInvalidError(f"not XML: {expat.ErrorString(error.code)}", line=error.lineno) from error


def _without_doctype(text: str) -> str:
    found = _DOCTYPE.match(text)
    if found is None:
        return text
    start, end = found.span(1)
    return text[:start] + "\n" * text.count("\n", start, end) + text[end:]


@attrs.define
class _Stream:
    parser: "expat.XMLParserType"
    listener: XmlListener
    encoding: str
    depth: list[str] = attrs.field(factory=list)

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        del version, standalone
        if encoding is not None and encoding.lower() not in _ENCODINGS[self.encoding]:
            raise ReportInvalidError("encoded neither in UTF-8 nor in UTF-16, or otherwise than declared", line=1)

    def doctype(self, *declaration: object) -> None:
        del declaration
        raise ReportInvalidError("a DOCTYPE with an internal subset", line=self.parser.CurrentLineNumber)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth.append(tag)
        if len(self.depth) > MAX_DEPTH:
            raise ReportInvalidError(f"nested deeper than {MAX_DEPTH}", line=self.parser.CurrentLineNumber)
        self.listener.start(tag, attributes, self.parser.CurrentLineNumber)

    def end(self, tag: str) -> None:
        self.depth.pop()
        self.listener.end(tag)
