"""The converter between records and wire values, assembled from the hooks beside it.

cattrs compiles one function a record, and reports a refused field with the path to it; the hooks give every leaf the
strictness and the words of the wire.
"""

import enum
import functools
import operator
import types
import typing
from collections.abc import Callable
from typing import Any

import attrs
import cattrs
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from decision_gate.core.codec import leaves, unions
from decision_gate.core.codec.errors import WrongValueError
from decision_gate.core.codec.wording import wrong_type
from decision_gate.core.integers import IntRange
from decision_gate.core.logic import (
    Requirement,
    RequirementDecodeError,
    decode_requirement,
    encode_requirement,
)
from decision_gate.core.model.primitives import FreeForm

Decoder = Callable[[object, object], Any]

# ``member.value`` is a Python call for each member of each record; the attribute under it is not.
_VALUE = operator.attrgetter("_value_")


@functools.cache
def converter() -> cattrs.Converter:
    """Return the one converter; made on first use because its hooks cost milliseconds."""
    made = cattrs.Converter(detailed_validation=True, prefer_attrib_converters=False)
    made.register_structure_hook_factory(attrs.has, functools.partial(_record_decoder, made))
    made.register_unstructure_hook_factory(attrs.has, functools.partial(_record_encoder, made))
    made.register_structure_hook_factory(_is_tuple, functools.partial(_tuple_decoder, made))
    made.register_unstructure_hook_factory(_is_tuple, functools.partial(_tuple_encoder, made))
    made.register_structure_hook_factory(_is_mapping, functools.partial(_mapping_decoder, made))
    made.register_structure_hook_factory(_is_enum, leaves.name_of)
    made.register_unstructure_hook_factory(_is_enum, lambda _kind: _VALUE)
    made.register_structure_hook_factory(_is_optional, functools.partial(_optional_decoder, made))
    made.register_unstructure_hook_factory(_is_optional, functools.partial(_optional_encoder, made))
    made.register_structure_hook_factory(_annotation(IntRange), _integer_decoder)
    made.register_unstructure_hook_factory(_annotation(IntRange), lambda _kind: identity)
    made.register_structure_hook_factory(_annotation(FreeForm), lambda _kind: lambda value, _type: value)
    made.register_unstructure_hook_factory(_annotation(FreeForm), lambda _kind: identity)
    made.register_structure_hook_factory(unions.is_tagged_union, lambda kind: unions.decoder(kind, made))
    made.register_unstructure_hook_factory(unions.is_tagged_union, lambda kind: unions.encoder(kind, made))
    made.register_structure_hook(str, leaves.text)
    made.register_structure_hook(bool, leaves.boolean)
    made.register_structure_hook(bytes, leaves.octets)
    made.register_unstructure_hook(bytes, list)
    made.register_structure_hook_func(_is_requirement, _decode_requirement)
    made.register_unstructure_hook_func(_is_requirement, encode_requirement)
    return made


def _is_enum(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def _is_tuple(kind: object) -> bool:
    return typing.get_origin(kind) is tuple


def _is_mapping(kind: object) -> bool:
    return typing.get_origin(kind) is dict


def _is_requirement(kind: object) -> bool:
    return kind == Requirement


def _is_optional(kind: object) -> bool:
    """Tell whether *kind* is one type or none; tagged unions with none have their own hook."""
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return False
    members = typing.get_args(kind)
    return type(None) in members and not unions.is_tagged_union(kind)


def _annotation(marker: type) -> Callable[[object], bool]:
    def carries(kind: object) -> bool:
        return typing.get_origin(kind) is typing.Annotated and any(
            isinstance(part, marker) for part in typing.get_args(kind)[1:]
        )

    return carries


def _integer_decoder(kind: Any) -> Decoder:
    [allowed] = [part for part in typing.get_args(kind) if isinstance(part, IntRange)]
    return leaves.integer(allowed)


def _decode_requirement(value: Any, _type: object) -> Requirement:
    try:
        return decode_requirement(value)
    except RequirementDecodeError as error:
        path = f".{error.path}" if error.path and not error.path.startswith("[") else error.path
        raise WrongValueError(error.reason, path) from error


def _record_decoder(made: cattrs.Converter, kind: type[Any]) -> Decoder:
    decode = make_dict_structure_fn(kind, made, _cattrs_detailed_validation=True)
    expected = f"struct {kind.__name__}"

    def checked(value: Any, of: Any) -> Any:
        if type(value) is not dict:
            raise WrongValueError(wrong_type(value, expected))
        return decode(value, of)

    return checked


def _record_encoder(made: cattrs.Converter, kind: type[Any]) -> Callable[[Any], Any]:
    omitted = {field.name: override(omit_if_default=True) for field in attrs.fields(kind) if field.metadata.get("omit")}
    encode = make_dict_unstructure_fn(kind, made, **omitted)  # type: ignore[arg-type]  # overrides by field name
    if not unions.is_tagged(kind):
        return encode
    tag: str = vars(kind)["kind"]
    fields = attrs.fields(kind)
    if len(fields) == 1 and not omitted and made.get_unstructure_hook(fields[0].type) is identity:
        # Timestamps and JSON values, a dozen of them in every step.
        name: str = fields[0].name
        only = operator.attrgetter(name)
        return lambda value: {"kind": tag, name: only(value)}

    def tagged(value: Any) -> dict[str, Any]:
        return {"kind": tag, **encode(value)}

    return tagged


def _tuple_decoder(made: cattrs.Converter, kind: Any) -> Decoder:
    item = typing.get_args(kind)[0]
    decode = made.get_structure_hook(item)

    def items(value: Any, _type: object) -> tuple[Any, ...]:
        if type(value) is not list:
            raise WrongValueError(wrong_type(value, "a sequence"))
        made_items = []
        for index, entry in enumerate(value):
            try:
                made_items.append(decode(entry, item))
            except Exception as error:
                raise located(error, f"[{index}]") from error
        return tuple(made_items)

    return items


def _tuple_encoder(made: cattrs.Converter, kind: Any) -> Callable[[Any], Any]:
    item = typing.get_args(kind)[0]
    if item is str:
        return list
    encode = made.get_unstructure_hook(item)
    return lambda entries: [encode(entry) for entry in entries]


def _mapping_decoder(made: cattrs.Converter, kind: Any) -> Decoder:
    item = typing.get_args(kind)[1]
    decode = made.get_structure_hook(item)

    def entries(value: Any, _type: object) -> dict[str, Any]:
        if type(value) is not dict:
            raise WrongValueError(wrong_type(value, "a map"))
        decoded = {}
        for name, entry in value.items():
            try:
                decoded[name] = decode(entry, item)
            except Exception as error:
                raise located(error, f".{name}") from error
        return decoded

    return entries


def _optional_decoder(made: cattrs.Converter, kind: Any) -> Decoder:
    [inner] = [member for member in typing.get_args(kind) if member is not type(None)]
    decode = made.get_structure_hook(inner)
    return lambda value, _type: None if value is None else decode(value, inner)


def _optional_encoder(made: cattrs.Converter, kind: Any) -> Callable[[Any], Any]:
    [inner] = [member for member in typing.get_args(kind) if member is not type(None)]
    encode = made.get_unstructure_hook(inner)
    if encode is identity or inner is str:
        return identity
    return lambda value: None if value is None else encode(value)


def located(error: Exception, step: str) -> WrongValueError:
    """Return the refusal inside *error* with *step* in front of its path."""
    refusal = refusal_in(error)
    return WrongValueError(refusal.reason, step + refusal.path)


def refusal_in(error: BaseException) -> WrongValueError:
    """Return the first refusal of a decoding failure, with its path.

    cattrs wraps the failures of a record's fields in a group and marks each with the field's name.
    """
    match error:
        case WrongValueError():
            return error
        case cattrs.ClassValidationError():
            inner = error.exceptions[0]
            notes = [
                note for note in getattr(inner, "__notes__", []) if isinstance(note, cattrs.AttributeValidationNote)
            ]
            if isinstance(inner, KeyError):
                return WrongValueError(f"missing field `{inner.args[0]}`")
            refusal = refusal_in(inner)
            return WrongValueError(refusal.reason, f".{notes[0].name}{refusal.path}" if notes else refusal.path)
        case _:
            raise error
