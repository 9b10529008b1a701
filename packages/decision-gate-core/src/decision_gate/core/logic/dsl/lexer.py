"""Splits a requirement text into tokens, all of it before any is judged (contract §4.6).

The lexer works on UTF-8 bytes: positions are byte offsets, and a byte that no token starts with is reported
alone, as the Latin-1 character of its value.
"""

import enum
import re
from typing import Final

import attrs

from decision_gate.core.limits import MAX_DSL_BYTES
from decision_gate.core.logic.errors import RequirementTextError


class TokenKind(enum.Enum):
    """What a token is; of operators and punctuation the value is also how errors print it."""

    AND = "&&"
    OR = "||"
    NOT = "!"
    OPEN = "("
    CLOSE = ")"
    COMMA = ","
    NUMBER = "number"
    NAME = "identifier"
    END = "end of input"


@attrs.frozen(kw_only=True)
class Token:
    """One token with the byte offset of its first byte."""

    kind: TokenKind
    text: str
    position: int


_TOKEN: Final = re.compile(rb"[ \t\n\r]*(?:(&&|\|\||[!(),])|([0-9]+)|([A-Za-z_][A-Za-z0-9_]*)|(.)|\Z)", re.DOTALL)
_SYMBOLS: Final = {kind.value: kind for kind in TokenKind if not kind.value.isalpha() and kind is not TokenKind.END}
_WORDS: Final = {"and": TokenKind.AND, "or": TokenKind.OR, "not": TokenKind.NOT}
_HALVES: Final = {"&": "&&", "|": "||"}


def tokenize(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text, closed by one END token at its length.

    Raises:
        RequirementTextError: text too long, empty, or holding a byte that starts no token.
    """
    # A lone surrogate has no UTF-8; passed through it is refused like any other foreign byte.
    source = text.encode("utf-8", "surrogatepass")
    if len(source) > MAX_DSL_BYTES:
        raise RequirementTextError(f"input exceeds size limit: {len(source)} bytes (max {MAX_DSL_BYTES})")
    tokens = [_token(match) for match in _TOKEN.finditer(source) if match.lastindex]
    if not tokens:
        raise RequirementTextError("input is empty")
    tokens.append(Token(kind=TokenKind.END, text=TokenKind.END.value, position=len(source)))
    return tuple(tokens)


def _token(match: re.Match[bytes]) -> Token:
    symbol, number, name, foreign = (part.decode("latin-1") for part in match.groups(default=b""))
    position = match.start(match.lastindex or 0)
    if symbol:
        return Token(kind=_SYMBOLS[symbol], text=symbol, position=position)
    if number:
        return Token(kind=TokenKind.NUMBER, text=number, position=position)
    if name in _WORDS:
        return Token(kind=_WORDS[name], text=_WORDS[name].value, position=position)
    if name:
        return Token(kind=TokenKind.NAME, text=name, position=position)
    expected = _HALVES.get(foreign, "identifier, number, or operator")
    raise unexpected(foreign, position, expected)


def unexpected(text: str, position: int, expected: str) -> RequirementTextError:
    """Build the error for a token that stands where something else belongs."""
    return RequirementTextError(f"unexpected token `{text}` at {position}, expected {expected}", position)
