"""Compile a JSONPath: recursive descent over the tokens, emitting operations (contract §1.5)."""

import math
import re

from decision_gate.mcp.evidence.jsonpath.errors import JsonPathError
from decision_gate.mcp.evidence.jsonpath.program import (
    Indices,
    Name,
    Names,
    Number,
    Operation,
    Program,
    Slice,
    Step,
    Truth,
)
from decision_gate.mcp.evidence.jsonpath.terms import Operator
from decision_gate.mcp.evidence.jsonpath.tokens import END, Kind, Token, tokenize

MAX_NESTING = 64
"""How deep brackets and parentheses of filters may nest; the parser recurses there and nowhere else."""

_COMPARISONS = {
    Kind.EQUAL: Operator.EQUAL,
    Kind.NOT_EQUAL: Operator.NOT_EQUAL,
    Kind.LESS: Operator.LESS,
    Kind.LESS_OR_EQUAL: Operator.LESS_OR_EQUAL,
    Kind.GREATER: Operator.GREATER,
    Kind.GREATER_OR_EQUAL: Operator.GREATER_OR_EQUAL,
}
_JUNCTIONS = {Kind.AND: Operator.AND, Kind.OR: Operator.OR}
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MAX_DIGITS = 64  # far beyond any index or double that means something, far below CPython's limit for int()
_WORD_MIN, _WORD_MAX = -(2**63), 2**63 - 1


def compile_path(text: str) -> Program:
    """Compile ``text``; anything after a complete path is ignored.

    Raises:
        JsonPathError: the text does not begin with a path, nests deeper than ``MAX_NESTING``, or holds a step
        of 0
            or a number outside the ranges of an index (64 bits) or a double.
    """
    parser = _Parser(tokenize(text))
    parser.root_path()
    return Program(tuple(parser.operations))


class _Parser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._nesting = 0
        self.operations: list[Operation] = []

    def root_path(self) -> None:
        self._expect(Kind.ROOT)
        self.operations.append(Step.ROOT)
        self._steps()

    def _steps(self) -> None:
        while True:
            if self._accept(Kind.DOT):
                self._dotted()
            elif self._accept(Kind.OPEN_BRACKET):
                self._skip_blanks()
                self._bracket()
            else:
                return

    def _dotted(self) -> None:
        if self._accept(Kind.DOT):
            self.operations.append(Step.DESCEND)
            if self._peek().kind is Kind.OPEN_BRACKET:
                return  # the bracket is the next step
        elif self._accept(Kind.OPEN_BRACKET):
            self._bracket()  # `$.[0]`, and here a blank after the bracket is an error
            return
        else:
            self.operations.append(Step.CHILD)
        if self._accept(Kind.STAR):
            self.operations.append(Step.EVERY)
        else:
            self.operations.append(Name(self._expect(Kind.KEY).text))

    def _bracket(self) -> None:
        self._enter()
        self.operations.append(Step.OPEN)
        if self._accept(Kind.QUESTION):
            self._expect(Kind.OPEN_PAREN)
            self._expression()
            self._skip_blanks()
            self._expect(Kind.CLOSE_PAREN)
        elif self._accept(Kind.STAR):
            self.operations.append(Step.EVERY)
        elif self._peek().kind is Kind.QUOTED:
            self._names()
        elif self._accept(Kind.COLON):
            self._slice(None, after_first_colon=True)
        else:
            self._numbers()
        self._skip_blanks()
        self._expect(Kind.CLOSE_BRACKET)
        self.operations.append(Step.CLOSE)
        self._nesting -= 1

    def _names(self) -> None:
        names = [self._expect(Kind.QUOTED).text]
        # No blank before the first comma; blanks are fine around the others.
        while self._accept(Kind.COMMA):
            self._skip_blanks()
            names.append(self._expect(Kind.QUOTED).text)
            self._skip_blanks()
        self.operations.append(Name(names[0]) if len(names) == 1 else Names(tuple(names)))

    def _numbers(self) -> None:
        first = self._integer()
        self._skip_blanks()
        if self._peek().kind is Kind.COMMA:
            values = [first]
            while self._accept(Kind.COMMA):
                self._skip_blanks()
                values.append(self._integer())
            self.operations.append(Indices(tuple(values)))
        elif self._accept(Kind.COLON):
            self._slice(first, after_first_colon=False)
        else:
            self.operations.append(Number(float(first)))

    def _slice(self, start: int | None, *, after_first_colon: bool) -> None:
        self._skip_blanks()
        stop: int | None = None
        step = self._step()
        if step is None and (after_first_colon or self._peek().kind is Kind.KEY):
            # `[:` must be followed by a stop or by the closing bracket at once; `[1:` by anything.
            if self._peek().kind is Kind.CLOSE_BRACKET:
                step = 1
            else:
                stop = self._integer()
                step = self._step()
        self.operations.append(Slice(start, stop, 1 if step is None else step))

    def _step(self) -> int | None:
        """Read ``:step`` if it is there; a colon without a number counts as not given."""
        self._skip_blanks()
        if not self._accept(Kind.COLON):
            return None
        self._skip_blanks()
        if self._peek().kind is not Kind.KEY:
            return None
        if self._peek().text.startswith("-"):
            raise JsonPathError("a slice cannot step backwards")
        step = self._integer()
        if step == 0:
            raise JsonPathError("a slice needs a step of at least 1")
        return step

    def _expression(self) -> None:
        self._enter()
        junctions: list[Operator] = []
        while True:
            self._skip_blanks()
            if self._accept(Kind.OPEN_PAREN):
                self._expression()
                self._skip_blanks()
                self._expect(Kind.CLOSE_PAREN)
            else:
                self._comparison()
            self._skip_blanks()
            junction = _JUNCTIONS.get(self._peek().kind)
            if junction is None:
                break
            self._at += 1
            junctions.append(junction)
        self.operations.extend(reversed(junctions))  # `&&` and `||` bind alike, to the right
        self._nesting -= 1

    def _comparison(self) -> None:
        may_stand_alone = self._peek().kind is Kind.CURRENT
        self._operand()
        self._skip_blanks()
        comparison = _COMPARISONS.get(self._peek().kind)
        if comparison is not None:
            self._at += 1
            self._skip_blanks()
            self._operand()
            self.operations.append(comparison)
        elif not may_stand_alone:
            raise JsonPathError("a filter compares something, or begins with @")

    def _operand(self) -> None:
        token = self._peek()
        if token.kind is Kind.CURRENT:
            self._at += 1
            self.operations.append(Step.CURRENT)
            self._steps()
        elif token.kind is Kind.ROOT:
            self.root_path()
        elif token.kind is Kind.QUOTED:
            self._names()
        elif token.kind is Kind.KEY:
            self.operations.append(self._literal())
        else:
            raise JsonPathError("an operand is missing in a filter")

    def _literal(self) -> Number | Truth:
        text = self._expect(Kind.KEY).text
        if text[0] in "tTfF":
            return Truth(text.lower() == "true")
        if text[0] in "-0123456789":
            if self._accept(Kind.DOT):
                text = f"{text}.{self._expect(Kind.KEY).text}"
            if len(text) <= _MAX_DIGITS and _DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
                return Number(number)
        raise JsonPathError("a filter compares with a number, a quoted string, true, false or a path")

    def _integer(self) -> int:
        text = self._expect(Kind.KEY).text
        if len(text) > _MAX_DIGITS or not _INTEGER.fullmatch(text):
            raise JsonPathError("an index is an integer; names between brackets are quoted")
        value = int(text)
        if not _WORD_MIN <= value <= _WORD_MAX:
            raise JsonPathError("an index has at most 64 bits")
        return value

    def _enter(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise JsonPathError(f"brackets and parentheses nest deeper than {MAX_NESTING}")

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else END

    def _accept(self, kind: Kind) -> bool:
        found = self._peek().kind is kind
        self._at += found
        return found

    def _expect(self, kind: Kind) -> Token:
        token = self._peek()
        if token.kind is not kind:
            raise JsonPathError(f"expected {kind.value}, found {token.kind.value}")
        self._at += 1
        return token

    def _skip_blanks(self) -> None:
        while self._accept(Kind.BLANK):
            pass
