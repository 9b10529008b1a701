"""Cut the text of a JSONPath into tokens.

The dialect reads as far as it understands: the first character that starts no token ends the list without an
error, and whatever the grammar does not need after a complete path is ignored (``$.a)`` is ``$.a``).
Published scenarios have always been read that way (contract §1.5).
"""

import enum

import attrs


class Kind(enum.Enum):
    """Every kind of token; the value is its text where that is fixed."""

    ROOT = "$"
    CURRENT = "@"
    DOT = "."
    OPEN_BRACKET = "["
    CLOSE_BRACKET = "]"
    STAR = "*"
    QUESTION = "?"
    COMMA = ","
    COLON = ":"
    OPEN_PAREN = "("
    CLOSE_PAREN = ")"
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    AND = "&&"
    OR = "||"
    KEY = "key"
    QUOTED = "quoted"
    BLANK = "blank"
    END = "end"


@attrs.frozen
class Token:
    """One token; ``text`` is a key, the inside of quotes, or empty."""

    kind: Kind
    text: str = ""


END = Token(Kind.END)

_FIXED = {kind.value: kind for kind in Kind if not kind.value.isalpha() and kind is not Kind.ROOT}
_HALVES = frozenset("=!&|")

# The White_Space property of Unicode. `str.isspace` also counts U+001C to U+001F, key characters here.
_BLANKS = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000").union(map(chr, range(0x2000, 0x200B)))
_STOPS = frozenset(".*[]()@?,:<>=&|!") | _BLANKS


def tokenize(text: str) -> tuple[Token, ...]:
    """Cut ``text`` into tokens, up to the end or to the first character that starts none."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        token, position = _next(text, position)
        if token is END:
            break
        tokens.append(token)
    return tuple(tokens)


def _next(text: str, at: int) -> tuple[Token, int]:
    for length in (2, 1):
        kind = _FIXED.get(text[at : at + length])
        if kind is not None:
            return Token(kind), at + length
    char = text[at]
    if char in _HALVES:
        return END, at
    if char in "'\"":
        return _quoted(text, at)
    if char in _BLANKS:
        return Token(Kind.BLANK), at + 1
    return _word(text, at)


def _word(text: str, at: int) -> tuple[Token, int]:
    """Read a key. One that begins with ``$`` may hold more of them; any other ends before one."""
    stops = _STOPS if text[at] == "$" else _STOPS | {"$"}
    end = at + 1
    while end < len(text) and text[end] not in stops:
        end += 1
    word = text[at:end]
    return (Token(Kind.ROOT) if word == "$" else Token(Kind.KEY, word)), end


def _quoted(text: str, at: int) -> tuple[Token, int]:
    r"""Read a quoted string; only its first quote may be escaped, any other backslash is itself."""
    quote = text[at]
    end = text.find(quote, at + 1)
    if end < 0:
        return END, at
    inside = text[at + 1 : end]
    if not inside.endswith("\\"):
        return Token(Kind.QUOTED, inside), end + 1
    last = text.find(quote, end + 1)
    if last < 0:
        return END, at
    return Token(Kind.QUOTED, inside[:-1] + text[end:last]), last + 1
