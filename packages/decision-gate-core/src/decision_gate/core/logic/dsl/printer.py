"""Writes a requirement as text that parses back to the same tree (contract §4.6)."""

import re
from typing import Final, NoReturn, assert_never

from decision_gate.core.limits import MAX_DSL_BYTES, MAX_DSL_DEPTH
from decision_gate.core.logic.errors import RequirementStructureError, RequirementTextError
from decision_gate.core.logic.requirement import And, Condition, Not, Or, RequireGroup, Requirement
from decision_gate.core.logic.validate import validate_requirement

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS: Final = frozenset({"and", "or", "not"})


def print_requirement(requirement: Requirement) -> str:
    """Write the requirement with words for operators; a chain inside another chain always stands in brackets.

    With a resolver that maps every condition id to itself, ``parse_requirement`` gives the same tree back.

    Raises:
        RequirementTextError: the tree has no text: it breaks a structural rule, a condition id is no
            identifier or is an
            operator word, a group is empty, the text would nest too deep or grow too long.
    """
    try:
        validate_requirement(requirement)
    except RequirementStructureError as error:
        raise RequirementTextError(f"requirement has no text form: {error}") from error
    text = _spell(requirement, 0)
    # Whatever may be printed is ASCII, so characters are bytes.
    if len(text) > MAX_DSL_BYTES:
        _refuse(f"its text exceeds {MAX_DSL_BYTES} bytes")
    return text


def _spell(node: Requirement, nesting: int) -> str:
    """Spell a node; ``nesting`` brackets are already open around it."""
    match node:
        case Condition(condition_id=condition_id):
            if not _NAME.fullmatch(condition_id) or condition_id in _OPERATORS:
                _refuse(f"condition id {condition_id!r} is not an identifier")
            return condition_id
        case Not(requirement=inner):
            return f"not {_operand(inner, nesting)}"
        case And(requirements=members) | Or(requirements=members):
            operator, function = (" and ", "all") if isinstance(node, And) else (" or ", "any")
            if len(members) > 1:
                return operator.join(_operand(member, nesting) for member in members)
            return f"{function}({_listed(members, nesting)})"
        case RequireGroup(min=minimum, requirements=members):
            if not members:
                _refuse("a group without members cannot be written")
            return f"at_least({minimum}, {_listed(members, nesting)})"
        case _:
            assert_never(node)


def _operand(node: Requirement, nesting: int) -> str:
    """Spell an operand of and, or, not: a chain gets brackets, which also keeps it a node of its own."""
    match node:
        case And(requirements=(_, _, *_)) | Or(requirements=(_, _, *_)):
            return f"({_spell(node, _opened(nesting))})"
        case _:
            return _spell(node, nesting)


def _listed(members: tuple[Requirement, ...], nesting: int) -> str:
    inner = _opened(nesting)
    return ", ".join(_spell(member, inner) for member in members)


def _opened(nesting: int) -> int:
    if nesting == MAX_DSL_DEPTH:
        _refuse(f"its text nests deeper than {MAX_DSL_DEPTH} brackets")
    return nesting + 1


def _refuse(reason: str) -> NoReturn:
    raise RequirementTextError(f"requirement has no text form: {reason}")
