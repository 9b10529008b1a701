"""Unions of records told apart by ``kind``, optional ones included.

The members of a union carry a ``kind`` class variable. cattrs flattens ``Optional[Union[A, B]]`` and would then lose
the tag, so one hook covers every union of tagged members, with or without none.
"""

import types
import typing
from collections.abc import Callable
from typing import Any

import attrs
import cattrs

from decision_gate.core.codec.errors import WrongValueError
from decision_gate.core.codec.wording import missing_field, unknown_variant, wrong_type


def is_tagged_union(kind: object) -> bool:
    """Tell whether *kind* is a union of tagged records, optional or not."""
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return False
    members = [member for member in typing.get_args(kind) if member is not type(None)]
    return len(members) > 1 and all(is_tagged(member) for member in members)


def is_tagged(kind: object) -> bool:
    """Tell whether *kind* is a record with a tag."""
    return isinstance(kind, type) and attrs.has(kind) and isinstance(vars(kind).get("kind"), str)


def decoder(kind: Any, converter: cattrs.Converter) -> Callable[[object, object], Any]:
    """Return a decoder of the union *kind*."""
    members = typing.get_args(kind)
    optional = type(None) in members
    by_tag = {member.kind: member for member in members if member is not type(None)}
    hooks: dict[str, Callable[[object, object], Any]] = {}

    def decode(value: object, _type: object = kind) -> Any:
        if value is None and optional:
            return None
        if type(value) is not dict:
            raise WrongValueError(wrong_type(value, "internally tagged enum"))
        if "kind" not in value:
            raise WrongValueError(missing_field("kind"))
        tag = value["kind"]
        if type(tag) is not str:
            raise WrongValueError(wrong_type(tag, "variant identifier"), ".kind")
        if tag not in by_tag:
            raise WrongValueError(unknown_variant(tag, list(by_tag)), ".kind")
        if tag not in hooks:
            hooks[tag] = converter.get_structure_hook(by_tag[tag])
        return hooks[tag](value, by_tag[tag])

    return decode


def encoder(kind: Any, converter: cattrs.Converter) -> Callable[[Any], Any]:
    """Return an encoder of the union *kind*."""
    hooks = {
        member: converter.get_unstructure_hook(member) for member in typing.get_args(kind) if member is not type(None)
    }

    def encode(value: Any) -> Any:
        return None if value is None else hooks[type(value)](value)

    return encode
