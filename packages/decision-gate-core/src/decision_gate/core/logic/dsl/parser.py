"""Recursive descent over the tokens of a requirement text (contract §4.6).

The grammar, lowest precedence first; chains become one node, parentheses a node of their own::

    expr    := and_e ( OR and_e )*
    and_e   := unary ( AND unary )*
    unary   := NOT* primary
    primary := NAME [ "(" call ] | "(" expr ")"
    call    := at_least, require_group:  NUMBER [","] expr ( "," expr )* ")"
             | all, any:  [ expr ( "," expr )* ] ")"
             | a condition's name:  ")"

INVARIANT: recursion happens only through brackets, of which at most 32 are open at once; negations are
counted in a loop.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from decision_gate.core.limits import MAX_DSL_DEPTH, MAX_GROUP_MIN
from decision_gate.core.logic.dsl.lexer import Token, TokenKind, tokenize, unexpected
from decision_gate.core.logic.errors import RequirementTextError
from decision_gate.core.logic.requirement import (
    And,
    Condition,
    Not,
    Or,
    RequireGroup,
    Requirement,
)
from decision_gate.core.logic.validate import validate_requirement

Resolver: TypeAlias = Mapping[str, str] | Callable[[str], str | None]
"""Maps a name in the text to a condition id; a missing key or None means that there is no such condition."""

_QUORUMS: Final = frozenset({"at_least", "require_group"})


def parse_requirement(text: str, resolver: Resolver) -> Requirement:
    """Parse a requirement text and check its structure.

    Raises:
        RequirementTextError: the text does not parse or names an unknown condition; positions are byte
            offsets.
        RequirementStructureError: it parses into a tree that breaks a rule of ``validate_requirement``.
    """
    look_up = resolver.get if isinstance(resolver, Mapping) else resolver
    requirement = _Parser(tokenize(text), look_up).parse()
    validate_requirement(requirement)
    return requirement


class _Parser:
    def __init__(self, tokens: tuple[Token, ...], look_up: Callable[[str], str | None]) -> None:
        self._tokens = tokens
        self._look_up = look_up
        self._next = 0
        self._nesting = 0

    def parse(self) -> Requirement:
        requirement = self._expression()
        if self._peek.kind is not TokenKind.END:
            position = self._peek.position
            raise RequirementTextError(f"unexpected trailing input at {position}", position)
        return requirement

    def _expression(self) -> Requirement:
        parts = [self._conjunction()]
        while self._accept(TokenKind.OR):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Or(requirements=tuple(parts))

    def _conjunction(self) -> Requirement:
        parts = [self._unary()]
        while self._accept(TokenKind.AND):
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else And(requirements=tuple(parts))

    def _unary(self) -> Requirement:
        negations = 0
        while self._accept(TokenKind.NOT):
            negations += 1
        requirement = self._primary()
        for _ in range(negations):
            requirement = Not(requirement=requirement)
        return requirement

    def _primary(self) -> Requirement:
        token = self._peek
        if self._accept(TokenKind.NAME):
            return self._call(token) if self._accept(TokenKind.OPEN) else self._condition(token)
        if self._accept(TokenKind.OPEN):
            self._descend(token)
            requirement = self._expression()
            self._ascend("`)`")
            return requirement
        expected = "identifier or `(`" if token.kind is TokenKind.NUMBER else "condition or expression"
        raise unexpected(token.text, token.position, expected)

    def _call(self, function: Token) -> Requirement:
        self._descend(function)
        if function.text in _QUORUMS:
            minimum = self._count()
            members = self._arguments()
            self._ascend("`)` after `at_least(...)`")
            return RequireGroup(min=minimum, requirements=members)
        members = () if self._peek.kind is TokenKind.CLOSE else self._arguments()
        self._ascend("`)` after arguments")
        if function.text == "all":
            return And(requirements=members)
        if function.text == "any":
            return Or(requirements=members)
        if members:
            raise RequirementTextError(f"unknown function `{function.text}` at {function.position}", function.position)
        return self._condition(function)

    def _count(self) -> int:
        token = self._peek
        if not self._accept(TokenKind.NUMBER):
            raise unexpected(token.text, token.position, "numeric literal")
        digits = token.text.lstrip("0") or "0"
        # Lengths first: the interpreter refuses to convert thousands of digits.
        if len(digits) > len(str(MAX_GROUP_MIN)) or int(digits) > MAX_GROUP_MIN:
            raise RequirementTextError(f"invalid number `{token.text}` at {token.position}", token.position)
        self._accept(TokenKind.COMMA)
        if self._peek.kind is TokenKind.CLOSE:
            raise unexpected(self._peek.text, token.position, "at least one condition after the count")
        return int(digits)

    def _arguments(self) -> tuple[Requirement, ...]:
        arguments = [self._expression()]
        while self._accept(TokenKind.COMMA):
            arguments.append(self._expression())
        return tuple(arguments)

    def _condition(self, name: Token) -> Condition:
        condition_id = self._look_up(name.text)
        if condition_id is None:
            raise RequirementTextError(f"unknown condition `{name.text}` at {name.position}", name.position)
        return Condition(condition_id=condition_id)

    def _descend(self, opener: Token) -> None:
        self._nesting += 1
        if self._nesting > MAX_DSL_DEPTH:
            raise RequirementTextError(
                f"input nesting exceeds limit: depth {self._nesting} (max {MAX_DSL_DEPTH}) at {opener.position}",
                opener.position,
            )

    def _ascend(self, expected: str) -> None:
        token = self._peek
        if not self._accept(TokenKind.CLOSE):
            raise unexpected(token.text, token.position, expected)
        self._nesting -= 1

    @property
    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _accept(self, kind: TokenKind) -> bool:
        """Step over the next token if it is of this kind; END is never stepped over."""
        if self._tokens[self._next].kind is not kind:
            return False
        self._next += 1
        return True
