"""Hold a question to what the published contract of its built-in provider takes (contract §7.4, §7.5).

A server holds definitions to the contracts of all its providers. This is for the author, who has no server at hand and
wants the place of every mistake.
"""

from collections.abc import Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.core.logic.found import found as described
from decision_gate.mcp.config.kinds import nearest
from decision_gate.mcp.evidence.contract import BUILTIN_CONTRACTS, builtin_contract

if TYPE_CHECKING:
    from decision_gate.mcp.json_schema import JsonSchema

_KINDS: Final = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


@attrs.frozen(kw_only=True)
class Mistake:
    """One thing that a contract does not take; ``path`` leads to it from the question in wire form."""

    path: tuple[str, ...]
    found: str
    allowed: str
    is_key: bool = False


def mistakes(provider_id: str, check_id: str, params: JsonValue, hints: Collection[str] = ()) -> Iterator[Mistake]:
    """Yield what is wrong with a question to a built-in provider; nothing about any other.

    Args:
        provider_id: Whom it asks.
        check_id: What it asks.
        params: Its parameters; None is none.
        hints: Words beside the parameters that an unknown one may have been meant as.
    """
    checks = _checks(provider_id)
    if not checks:
        return
    check = checks.get(check_id)
    if check is None:
        found = f"unknown check `{check_id}`{nearest(check_id, checks)}"
        yield Mistake(path=("check_id",), found=found, allowed=", ".join(checks))
        return
    if params is None and not check["params_required"]:
        return
    if params is not None and not isinstance(params, dict):
        yield Mistake(path=("params",), found=described(params), allowed="a mapping")
        return
    wrong = list(_wrong_params(f"{provider_id}.{check_id}", check["params_schema"], params or {}, hints))
    yield from wrong
    if not wrong and (told := _schema(provider_id, check_id, None).mistakes(params or {})):
        yield Mistake(path=("params",), found="; ".join(told), allowed=_together(check["params_schema"]))


@cache
def _checks(provider_id: str) -> dict[str, dict[str, JsonValue]]:
    """Return the checks of a built-in provider as its contract writes them; of any other none."""
    listed = builtin_contract(provider_id)["checks"] if provider_id in BUILTIN_CONTRACTS else []
    return {str(check["check_id"]): check for check in _list(listed) if isinstance(check, dict)}


@cache
def _schema(provider_id: str, check_id: str, name: str | None) -> "JsonSchema":
    """Return the schema of all parameters of a check, or of the one called *name*."""
    from decision_gate.mcp.json_schema import JsonSchema  # noqa: PLC0415 - lazy

    schema = _checks(provider_id)[check_id]["params_schema"]
    return JsonSchema(schema if name is None else _object(_object(schema)["properties"])[name])


def _wrong_params(
    pair: str, schema: JsonValue, params: dict[str, JsonValue], hints: Collection[str]
) -> Iterator[Mistake]:
    provider_id, _, check_id = pair.partition(".")
    known = _object(_object(schema)["properties"])
    for name, value in params.items():
        if name not in known:
            yield Mistake(
                path=("params", name),
                found=f"unknown parameter `{name}`{nearest(name, [*known, *hints])}",
                allowed=", ".join(known) or "no parameters",
                is_key=True,
            )
        elif _schema(provider_id, check_id, name).mistakes(value):
            yield Mistake(path=("params", name), found=described(value), allowed=_worded(known[name]))
    for missing in _list(_object(schema).get("required", [])):
        if missing not in params:
            yield Mistake(path=(), found=f"parameter `{missing}` of {pair} is missing", allowed="")


def _worded(schema: JsonValue) -> str:
    """Say what a value may be."""
    match schema:
        case {"enum": list(words)}:
            return ", ".join(map(str, words))
        case {"oneOf": list(alternatives)}:
            return " or ".join(map(_worded, alternatives))
        case {"type": str(kind)}:
            return _KINDS[kind]
        case _:
            return "what the contract of the provider takes"


def _together(schema: JsonValue) -> str:
    """Say which parameters may stand together, where exactly one of some must be given."""
    match schema:
        case {"oneOf": list(alternatives)}:
            names = [", ".join(map(str, _list(_object(each)["required"]))) for each in alternatives]
            return f"exactly one of {', '.join(names)}"
        case _:
            return ""


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
