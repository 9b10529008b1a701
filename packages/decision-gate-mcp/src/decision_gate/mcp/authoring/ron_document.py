"""Read Rusty Object Notation: the wire form of a scenario in other brackets (contract §3.6, §4.7).

Names before brackets say nothing but for requirements, whose nodes they are; ``Some(x)`` is ``x``, ``None`` and
``()`` are null, a bare name is a text. The strict rules of JSON hold: no repeated keys, no infinity, 64-bit integers.
"""

import math
import re
from bisect import bisect_right
from typing import Final, NoReturn

from decision_gate.core.json import JsonValue
from decision_gate.core.limits import MAX_JSON_INTEGER, MIN_JSON_INTEGER
from decision_gate.mcp.authoring.faults import single
from decision_gate.mcp.authoring.places import Path, Place, Places

MAX_RON_DEPTH: Final = 64
"""Brackets a scenario may nest, names with content counted."""

_NODES: Final = frozenset({"And", "Or", "Not", "RequireGroup", "Condition"})
_WORDS: Final[dict[str, JsonValue]] = {"true": True, "false": False, "None": None}
_BLANK: Final = re.compile(r"(?:[\s\ufeff]|//[^\n]*)*")
_COMMENT_MARK: Final = re.compile(r"/\*|\*/")
_HEADER: Final = re.compile(r"#!\s*\[\s*enable\s*\([\w\s,]*\)\s*\]")
_NAME: Final = re.compile(r"(?:r#)?([^\W\d]\w*)")
_RAW: Final = re.compile(r'r(#*)"(.*?)"\1', re.DOTALL)
_CHARACTER: Final = re.compile(r"'(\\.[^']*|[^'\\])'")
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_ESCAPES: Final = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "0": "\0",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "/": "/",
}
_SUFFIX: Final = r"(?:[iu](?:8|16|32|64|128)|f32|f64)?"
_RADIX: Final = re.compile(rf"([+-]?)0(?:x([0-9a-fA-F_]+?)|o([0-7_]+)|b([01_]+)){_SUFFIX}(?!\w)", re.ASCII)
_NUMBER: Final = re.compile(
    rf"([+-]?(?:\d[\d_]*(\.[\d_]*)?|(\.\d[\d_]*))([eE][+-]?\d[\d_]*)?){_SUFFIX}(?![\w.])", re.ASCII
)


def read_ron(text: str, file: str) -> tuple[JsonValue, Places]:
    """Read one document and where everything in it stands.

    Raises:
        ScenarioDocumentError: It is not one value of RON, or holds what JSON cannot; with its place.
    """
    reader = _Reader(text, file)
    return reader.document(), Places.noted(reader.keys, reader.values)


class _Reader:
    """Walks over one document; ``keys`` and ``values`` are the places it has seen."""

    def __init__(self, text: str, file: str) -> None:
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self._text = text
        self._file = file
        self._at = 0
        self._lines = [0, *(end.end() for end in re.finditer("\n", text))]

    def document(self) -> JsonValue:
        """Read the whole text."""
        self._blank()
        while header := _HEADER.match(self._text, self._at):
            self._at = header.end()
            self._blank()
        value = self._value((), 0)
        if self._at < len(self._text):
            self._refuse("text after the document")
        return value

    def _value(self, path: Path, depth: int) -> JsonValue:
        """Read the value at *path*, and the blanks behind it."""
        self.values.setdefault(path, self._place())
        value: JsonValue = self._leaf()
        if value is None:
            value = self._composed(path, depth)
        self._blank()
        return value

    def _leaf(self) -> str | int | float | None:
        """Read a text or a number; none when something else stands here."""
        text, at = self._text, self._at
        if raw := _RAW.match(text, at):
            self._at = raw.end()
            return raw[2]
        if quoted := _TEXT.match(text, at) or _CHARACTER.match(text, at):
            value = self._unescaped(quoted[1])
            self._at = quoted.end()
            return value
        if radix := _RADIX.match(text, at):
            digits, base = next((radix[group], base) for group, base in ((2, 16), (3, 8), (4, 2)) if radix[group])
            if not digits.strip("_"):
                self._refuse("a number without digits")
            return self._integer(int(radix[1] + digits.replace("_", "").lstrip("0").zfill(1), base), radix.end())
        if number := _NUMBER.match(text, at):
            return self._number(number)
        return None

    def _number(self, number: re.Match[str]) -> int | float:
        written = number[1].replace("_", "")
        if number[2] is None and number[3] is None and number[4] is None:
            digits = written.lstrip("+-").lstrip("0") or "0"
            if len(digits) > len(str(MAX_JSON_INTEGER)):
                self._refuse("an integer has at most 64 bits")
            return self._integer(-int(digits) if written.startswith("-") else int(digits), number.end())
        value = float(written)
        if not math.isfinite(value):
            self._refuse("number out of range")
        self._at = number.end()
        return value

    def _integer(self, value: int, end: int) -> int:
        if not MIN_JSON_INTEGER <= value <= MAX_JSON_INTEGER:
            self._refuse("an integer has at most 64 bits")
        self._at = end
        return value

    def _unescaped(self, content: str) -> str:
        def character(escape: re.Match[str]) -> str:
            code = escape[1] or escape[2]
            if code is None and escape[3] in _ESCAPES:
                return _ESCAPES[escape[3]]
            try:
                found = chr(int(code or "-1", 16))
                found.encode()
            except ValueError:
                self._refuse(f"an escape that is none: {escape[0]}")
            return found

        return _ESCAPE.sub(character, content)

    def _composed(self, path: Path, depth: int) -> JsonValue:
        """Read a name with or without content, or something in brackets."""
        if depth >= MAX_RON_DEPTH:
            self._refuse(f"nested deeper than {MAX_RON_DEPTH}")
        if name := _NAME.match(self._text, self._at):
            begin, self._at = self._at, name.end()
            self._blank()
            if self._here("("):
                return self._named(name[1], path, depth)
            if name[1] in ("inf", "NaN"):
                self._at = begin
                self._refuse("infinity and not-a-number have no JSON value")
            return _WORDS.get(name[1], name[1])
        if self._here("["):
            return self._items("]", path, depth)
        if self._here("{"):
            return self._members("}", path, depth)
        if self._here("("):
            return self._members(")", path, depth) if self._begins_with_field() else self._tuple(path, depth)
        return self._refuse("no value")

    def _named(self, name: str, path: Path, depth: int) -> JsonValue:
        """Read what stands in brackets behind a name: the content of a node, else as if there were no name."""
        inside = (*path, name) if name in _NODES else path
        self.values.setdefault(inside, self._place())
        content: JsonValue
        if self._begins_with_field():
            content = self._members(")", inside, depth)
        elif self._text.startswith("()", self._at) and name in _NODES:
            self._refuse(f"`{name}` without content")
        else:
            items = self._items(")", inside, depth, is_single=True)
            content = items[0] if len(items) == 1 else items or None
        return {name: content} if name in _NODES else content

    def _tuple(self, path: Path, depth: int) -> JsonValue:
        return self._items(")", path, depth) or None

    def _items(self, close: str, path: Path, depth: int, *, is_single: bool = False) -> list[JsonValue]:
        items: list[JsonValue] = []
        self._open()
        while not self._closed(close):
            # The only item behind a name is its content and has no position of its own.
            items.append(self._value(path if is_single else (*path, len(items)), depth + 1))
            self._separate(close)
        return items

    def _members(self, close: str, path: Path, depth: int) -> dict[str, JsonValue]:
        members: dict[str, JsonValue] = {}
        self._open()
        while not self._closed(close):
            place, begin = self._place(), self._at
            key = self._key(close)
            if key in members:
                self._at = begin
                self._refuse(f"duplicate key `{key}`")
            self.keys[(*path, key)] = place
            self._blank()
            if not self._here(":"):
                self._refuse("no `:`")
            self._open()
            members[key] = self._value((*path, key), depth + 1)
            self._separate(close)
        return members

    def _key(self, close: str) -> str:
        begin = self._at
        name = _NAME.match(self._text, begin) if close == ")" else None
        if name is not None:
            self._at = name.end()
            return name[1]
        key = self._leaf() if close == "}" else None
        if isinstance(key, str):
            return key
        self._at = begin
        return self._refuse("no key")

    def _begins_with_field(self) -> bool:
        """Tell whether the bracket that opens here holds fields."""
        begin = self._at
        self._open()
        name = _NAME.match(self._text, self._at)
        if name is not None:
            self._at = name.end()
            self._blank()
        is_field = name is not None and self._here(":")
        self._at = begin
        return is_field

    def _open(self) -> None:
        self._at += 1
        self._blank()

    def _closed(self, close: str) -> bool:
        if not self._here(close):
            return False
        self._at += 1
        return True

    def _separate(self, close: str) -> None:
        if self._here(","):
            self._open()
        elif not self._here(close):
            self._refuse(f"neither `,` nor `{close}`")

    def _here(self, character: str) -> bool:
        return self._text.startswith(character, self._at)

    def _blank(self) -> None:
        """Pass over white space and comments, which nest."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if not self._here("/*"):
                return
            begin, nested = self._at, 0
            while True:
                mark = _COMMENT_MARK.search(self._text, self._at)
                if mark is None:
                    self._at = begin
                    self._refuse("a comment without end")
                self._at = mark.end()
                nested += 1 if mark[0] == "/*" else -1
                if nested == 0:
                    break

    def _place(self) -> Place:
        line = bisect_right(self._lines, self._at)
        return Place(line, self._at - self._lines[line - 1] + 1)

    def _refuse(self, found: str) -> NoReturn:
        raise single(self._file, self._place(), found, "Rusty Object Notation")
