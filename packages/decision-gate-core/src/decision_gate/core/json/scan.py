"""The exact JSON scanner: slow, strict, its errors worded and placed as the reference's (contract §1.1).

A caller can force it upon us with one ``-0`` in a document of any allowed size, so long arrays of scalars, the
cheapest way to keep it busy, have a short cut.
"""

import math
import re

import orjson

from decision_gate.core.json.errors import JsonParseError
from decision_gate.core.json.value import JsonValue
from decision_gate.core.limits import MAX_JSON_INTEGER, MIN_JSON_INTEGER

_SPACE = re.compile(rb"[ \t\n\r]*")
_SPACES = frozenset((b" ", b"\t", b"\n", b"\r"))
# Elements of an array, each with its comma, that orjson reads as we do: no container, no escape, no "-0".
_EASY_ELEMENTS = re.compile(
    rb'(?:[ \t\n\r]*+(?:"[^"\\\x00-\x1f]*+"|-?[1-9][0-9]{0,17}+|0|true|false|null)[ \t\n\r]*+,)++'
)
_NUMBER = re.compile(rb"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_UNESCAPED = re.compile(rb'[^"\\\x00-\x1f]*')
_HEX = re.compile(rb"[0-9a-fA-F]{4}")
_LITERALS: dict[bytes, tuple[bytes, JsonValue]] = {
    b"t": (b"true", True),
    b"f": (b"false", False),
    b"n": (b"null", None),
}
_ESCAPES = {
    b'"': b'"',
    b"\\": b"\\",
    b"/": b"/",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
}
# The longest literal that can be an integer: a sign and the 20 digits of 2^64-1. Longer ones need not be
# converted.
_INTEGER_LENGTH = 21
_SHOWN_KEY_LENGTH = 64


def scan(raw: bytes, max_depth: int) -> JsonValue:
    """Read one document byte by byte.

    Raises:
        JsonParseError: At the first byte that breaks a rule; see ``parse``.
    """
    scanner = _Scanner(raw, max_depth)
    value = scanner.value()
    if scanner.peek():
        raise scanner.error_ahead("trailing characters")
    return value


class _Scanner:
    """A place in a text; ``at`` counts the bytes that were taken."""

    __slots__ = ("at", "depth", "raw")

    def __init__(self, raw: bytes, max_depth: int) -> None:
        self.raw = raw
        self.at = 0
        self.depth = max_depth

    def error(self, reason: str) -> JsonParseError:
        """Blame the last byte that was taken."""
        start_of_line = self.raw.rfind(b"\n", 0, self.at) + 1
        line = self.raw.count(b"\n", 0, start_of_line) + 1
        return JsonParseError(reason, line=line, column=self.at - start_of_line)

    def error_ahead(self, reason: str) -> JsonParseError:
        """Blame the next byte, or the last one at the end."""
        self.at = min(self.at + 1, len(self.raw))
        return self.error(reason)

    def peek(self) -> bytes:
        """Skip white space; return the next byte, or nothing at the end."""
        byte = self.raw[self.at : self.at + 1]
        if byte in _SPACES:
            self.at = _SPACE.match(self.raw, self.at).end()  # type: ignore[union-attr]  # always matches
            byte = self.raw[self.at : self.at + 1]
        return byte

    def take(self) -> bytes:
        """Return the next byte, white space or not, and step over it."""
        byte = self.raw[self.at : self.at + 1]
        self.at += len(byte)
        return byte

    def value(self) -> JsonValue:
        byte = self.peek()
        if byte == b'"':
            return self.string()
        if byte in (b"{", b"["):
            if not self.depth:
                raise self.error_ahead("recursion limit exceeded")
            self.depth -= 1
            self.at += 1
            container: JsonValue = self.members() if byte == b"{" else self.items()
            self.depth += 1
            return container
        if byte and byte in b"-0123456789":
            return self.number()
        if byte in _LITERALS:
            return self.literal(*_LITERALS[byte])
        raise self.error_ahead("expected value" if byte else "EOF while parsing a value")

    def literal(self, text: bytes, value: JsonValue) -> JsonValue:
        for expected in text:
            byte = self.take()
            if not byte:
                raise self.error("EOF while parsing a value")
            if byte[0] != expected:
                raise self.error("expected ident")
        return value

    def items(self) -> list[JsonValue]:
        items = self.easy_items()
        if items:
            # Step back to the last comma, for the loop to see what follows it.
            self.at -= 1
        byte = self.peek()
        while byte != b"]":
            if items:
                if byte != b",":
                    raise self.error_ahead("expected `,` or `]`" if byte else "EOF while parsing a list")
                self.at += 1
                byte = self.peek()
                if byte == b"]":
                    raise self.error_ahead("trailing comma")
            elif not byte:
                raise self.error_ahead("EOF while parsing a list")
            items.append(self.value())
            byte = self.peek()
        self.at += 1
        return items

    def easy_items(self) -> list[JsonValue]:
        """Read the elements that need no care, with the comma after the last of them."""
        found = _EASY_ELEMENTS.match(self.raw, self.at)
        if not found:
            return []
        try:
            items: list[JsonValue] = orjson.loads(b"[%b]" % found.group()[:-1])
        except orjson.JSONDecodeError:
            return []  # a string is not UTF-8
        self.at = found.end()
        return items

    def members(self) -> dict[str, JsonValue]:
        members: dict[str, JsonValue] = {}
        byte = self.peek()
        while byte != b"}":
            if members:
                if byte != b",":
                    raise self.error_ahead("expected `,` or `}`" if byte else "EOF while parsing an object")
                self.at += 1
                byte = self.peek()
                if byte == b"}":
                    raise self.error_ahead("trailing comma")
                if not byte:
                    raise self.error_ahead("EOF while parsing a value")
            elif not byte:
                raise self.error_ahead("EOF while parsing an object")
            if byte != b'"':
                raise self.error_ahead("key must be a string")
            key = self.string()
            if key in members:
                raise self.error(f"duplicate key `{repr(key[:_SHOWN_KEY_LENGTH])[1:-1]}`")
            colon = self.peek()
            if colon != b":":
                raise self.error_ahead("expected `:`" if colon else "EOF while parsing an object")
            self.at += 1
            members[key] = self.value()
            byte = self.peek()
        self.at += 1
        return members

    def number(self) -> int | float:
        found = _NUMBER.match(self.raw, self.at)
        if not found:
            self.at += 1
            raise self.error("invalid number" if self.take() else "EOF while parsing a value")
        self.at = found.end()
        whole, fraction, exponent = found.groups()
        self.refuse_unfinished_number(whole, fraction, exponent)
        if fraction is None and exponent is None and whole != b"-0" and len(whole) <= _INTEGER_LENGTH:
            integer = int(whole)
            if MIN_JSON_INTEGER <= integer <= MAX_JSON_INTEGER:
                return integer
        number = float(found.group())
        if math.isinf(number):
            raise self.error("number out of range")
        return number

    def refuse_unfinished_number(self, whole: bytes, fraction: bytes | None, exponent: bytes | None) -> None:
        """Raise when the bytes after a number would have to belong to it."""
        if exponent is not None:
            return
        following = self.raw[self.at : self.at + 1]
        if following in (b"e", b"E"):
            self.at += 1
            if self.raw[self.at : self.at + 1] in (b"+", b"-"):
                self.at += 1
            raise self.error("invalid number" if self.take() else "EOF while parsing a value")
        if fraction is None and following == b".":
            self.at += 1
            at_end = self.at == len(self.raw)
            raise self.error_ahead("EOF while parsing a value" if at_end else "invalid number")
        if fraction is None and whole in (b"0", b"-0") and following.isdigit():
            raise self.error_ahead("invalid number")

    def string(self) -> str:
        """Read a string, from its opening quote."""
        self.at += 1
        content = bytearray()
        while True:
            run = _UNESCAPED.match(self.raw, self.at)
            if run:
                content += run.group()
                self.at = run.end()
            byte = self.take()
            if byte == b'"':
                break
            if not byte:
                raise self.error("EOF while parsing a string")
            if byte != b"\\":
                raise self.error("control character (\\u0000-\\u001F) found while parsing a string")
            content += self.escaped()
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise self.error("invalid unicode code point") from None

    def escaped(self) -> bytes:
        """Read what follows a backslash; return its UTF-8."""
        byte = self.take()
        if byte in _ESCAPES:
            return _ESCAPES[byte]
        if byte != b"u":
            raise self.error("invalid escape" if byte else "EOF while parsing a string")
        unit = self.hex_unit()
        if 0xDC00 <= unit <= 0xDFFF:  # noqa: PLR2004 - the low surrogates
            raise self.error("lone leading surrogate in hex escape")
        if 0xD800 <= unit <= 0xDBFF:  # noqa: PLR2004 - the high surrogates
            for expected in (b"\\", b"u"):
                byte = self.take()
                if byte != expected:
                    raise self.error("unexpected end of hex escape" if byte else "EOF while parsing a string")
            low = self.hex_unit()
            if not 0xDC00 <= low <= 0xDFFF:  # noqa: PLR2004 - the low surrogates
                raise self.error("lone leading surrogate in hex escape")
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        return chr(unit).encode()

    def hex_unit(self) -> int:
        digits = self.raw[self.at : self.at + 4]
        self.at += len(digits)
        if len(digits) < 4:  # noqa: PLR2004 - four hexadecimal digits
            raise self.error("EOF while parsing a string")
        if not _HEX.fullmatch(digits):
            raise self.error("invalid escape")
        return int(digits, 16)
