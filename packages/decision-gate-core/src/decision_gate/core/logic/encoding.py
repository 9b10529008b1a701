"""The JSON form of requirement trees: one-key objects named after the node (contract §4.1).

Decoding checks the form only; the rules of ``validate.py`` are another matter. Values nested deeper than the
JSON reader allows are refused here too, so a tree that was built in memory cannot exhaust the stack.
"""

from typing import Final

from decision_gate.core.json import JsonValue
from decision_gate.core.limits import MAX_GROUP_MIN, MAX_JSON_DEPTH
from decision_gate.core.logic.errors import RequirementDecodeError
from decision_gate.core.logic.found import found
from decision_gate.core.logic.requirement import (
    And,
    Condition,
    Not,
    Or,
    RequireGroup,
    Requirement,
    walk,
)

_TAGS: Final = ("And", "Or", "Not", "RequireGroup", "Condition")
_GROUP_FIELDS: Final = ("min", "reqs")


def decode_requirement(value: JsonValue) -> Requirement:
    """Read a requirement from its JSON value.

    Besides the documented form, a group may be the array ``[min, reqs]``, as the reference reads it; unknown
    members of a group are ignored.

    Raises:
        RequirementDecodeError: at the first fault in document order; its path leads there.
    """
    return _decode(value, "", MAX_JSON_DEPTH)


def encode_requirement(requirement: Requirement) -> JsonValue:
    """Write a requirement as JSON value; safe for trees of any depth."""
    # Backwards through the walk, members are complete before their parent and lie first on top of the stack.
    done: list[JsonValue] = []
    for _, node in reversed(list(walk(requirement))):
        match node:
            case Condition(condition_id=condition_id):
                done.append({"Condition": condition_id})
            case Not():
                done.append({"Not": done.pop()})
            case And(requirements=members):
                done.append({"And": [done.pop() for _ in members]})
            case Or(requirements=members):
                done.append({"Or": [done.pop() for _ in members]})
            case RequireGroup(min=minimum, requirements=members):
                done.append({"RequireGroup": {"min": minimum, "reqs": [done.pop() for _ in members]}})
    return done.pop()


def _decode(value: JsonValue, path: str, levels: int) -> Requirement:
    """Decode one node; ``levels`` is how many more JSON levels may open, this object included."""
    tag, content = _tagged(value, path)
    if levels < 1:
        raise RequirementDecodeError(path, "recursion limit exceeded")
    inner_path = f"{path}.{tag}" if path else tag
    match tag:
        case "And":
            return And(requirements=_decode_members(content, inner_path, levels - 1))
        case "Or":
            return Or(requirements=_decode_members(content, inner_path, levels - 1))
        case "Not":
            return Not(requirement=_decode(content, inner_path, levels - 1))
        case "RequireGroup":
            return _decode_group(content, inner_path, levels - 1)
        case _ if isinstance(content, str):
            return Condition(condition_id=content)
        case _:
            raise RequirementDecodeError(inner_path, f"invalid type: {found(content)}, expected a string")


def _tagged(value: JsonValue, path: str) -> tuple[str, JsonValue]:
    match value:
        case dict() if len(value) == 1:
            ((tag, content),) = value.items()
        case dict():
            raise RequirementDecodeError(path, "invalid value: map, expected map with a single key")
        case str():
            tag, content = value, None
        case _:
            raise RequirementDecodeError(path, f"invalid type: {found(value)}, expected string or map")
    if tag not in _TAGS:
        expected = ", ".join(f"`{name}`" for name in _TAGS)
        raise RequirementDecodeError(path, f"unknown variant `{tag}`, expected one of {expected}")
    if isinstance(value, str):
        shape = "struct" if tag == "RequireGroup" else "newtype"
        raise RequirementDecodeError(path, f"invalid type: unit variant, expected {shape} variant")
    return tag, content


def _decode_members(content: JsonValue, path: str, levels: int) -> tuple[Requirement, ...]:
    if not isinstance(content, list):
        raise RequirementDecodeError(path, f"invalid type: {found(content)}, expected a sequence")
    if levels < 1:
        raise RequirementDecodeError(path, "recursion limit exceeded")
    return tuple(_decode(member, f"{path}[{index}]", levels - 1) for index, member in enumerate(content))


def _decode_group(content: JsonValue, path: str, levels: int) -> RequireGroup:
    if isinstance(content, list):
        if len(content) != len(_GROUP_FIELDS):
            raise RequirementDecodeError(
                path,
                f"invalid length {len(content)}, expected struct variant Requirement::RequireGroup"
                f" with {len(_GROUP_FIELDS)} elements",
            )
        content = dict(zip(_GROUP_FIELDS, content, strict=True))
    if not isinstance(content, dict):
        raise RequirementDecodeError(path, f"invalid type: {found(content)}, expected struct variant")
    minimum: int | None = None
    members: tuple[Requirement, ...] | None = None
    for name, member in content.items():
        if name == "min":
            minimum = _decode_min(member, f"{path}.min")
        elif name == "reqs":
            members = _decode_members(member, f"{path}.reqs", levels - 1)
    if minimum is None:
        raise RequirementDecodeError(path, "missing field `min`")
    if members is None:
        raise RequirementDecodeError(path, "missing field `reqs`")
    return RequireGroup(min=minimum, requirements=members)


def _decode_min(value: JsonValue, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RequirementDecodeError(path, f"invalid type: {found(value)}, expected u8")
    if not 0 <= value <= MAX_GROUP_MIN:
        raise RequirementDecodeError(path, f"invalid value: {found(value)}, expected u8")
    return value
