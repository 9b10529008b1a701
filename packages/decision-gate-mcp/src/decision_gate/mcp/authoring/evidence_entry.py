"""One entry of ``evidence``: a name, a question to a provider, and what the answer must be."""

from typing import Final

from decision_gate.core.comparators import Comparator
from decision_gate.core.json import JsonValue
from decision_gate.core.model import TrustLane
from decision_gate.mcp.authoring.comparators import NAMES, SHORT_NAMES, comparison
from decision_gate.mcp.authoring.faults import Faults
from decision_gate.mcp.authoring.places import Path
from decision_gate.mcp.authoring.published_checks import mistakes
from decision_gate.mcp.authoring.reading import JsonObject, Reader, as_mapping
from decision_gate.mcp.config.kinds import nearest

PROVIDER_KEYS: Final = ("report", "json", "time", "env", "http", "approval")
"""Providers that are their own key; any other is written ``provider: name`` with ``check: id``."""

RESERVED_KEYS: Final = frozenset((*PROVIDER_KEYS, "provider", "check", "lane", "tags", "params", *NAMES))
"""Keys that are no parameters; a parameter of such a name is written under ``params``."""

OPERATOR_WORDS: Final = frozenset(("and", "or", "not"))
"""Names that a requirement text reads as operators."""

_PLACEHOLDER: Final = "?"


def condition(name: str, value: JsonValue, path: Path, faults: Faults) -> JsonObject:
    """Return the wire form of one entry; what cannot be read is noted and stands for something harmless."""
    if name in OPERATOR_WORDS:
        faults.add(path, f"`{name}` is an operator of requirements", "another name", at_key=True)
    entry = as_mapping(value, path, faults, "{<provider>: <check>, <comparator>: <value>, …}")
    if entry is None:
        return _wire(name, _PLACEHOLDER, _PLACEHOLDER, None, (Comparator.EXISTS, None))
    reader = Reader(entry, path, faults)
    provider_id, check_id = _question(reader)
    params = _params(reader)
    compared = _comparison(reader)
    if params is not None or provider_id in PROVIDER_KEYS:
        _hold_to_contract(reader, provider_id, check_id, params or {})
    wire = _wire(name, provider_id, check_id, params, compared)
    wire["policy_tags"] = reader.texts("tags")
    if "lane" in entry:
        wire["trust"] = {"min_lane": reader.one_of("lane", tuple(lane.value for lane in TrustLane), "verified")}
    return wire


def _wire(
    name: str, provider_id: str, check_id: str, params: JsonObject | None, compared: tuple[Comparator, JsonValue]
) -> JsonObject:
    query: JsonObject = {"provider_id": provider_id, "check_id": check_id}
    if params is not None:
        query["params"] = params
    return {
        "condition_id": name,
        "query": query,
        "comparator": compared[0].value,
        "expected": compared[1],
        "policy_tags": [],
    }


def _question(reader: Reader) -> tuple[str, str]:
    """Return provider and check."""
    named = [name for name in (*PROVIDER_KEYS, "provider") if name in reader.value]
    if len(named) != 1:
        found = " and ".join(f"`{name}`" for name in named) + " together" if named else "no provider"
        hint = "" if named else "".join(nearest(key, PROVIDER_KEYS) for key in list(reader.value)[:1])
        reader.faults.add(
            reader.path, f"{found}{hint}", f"exactly one of {', '.join(PROVIDER_KEYS)}, or provider with check"
        )
        return _PLACEHOLDER, _PLACEHOLDER
    if named[0] == "provider":
        return reader.text("provider"), reader.text("check")
    if "check" in reader.value:
        reader.faults.add(
            (*reader.path, "check"),
            "`check` beside a provider's own key",
            f"{named[0]}: <check>, or provider with check",
            at_key=True,
        )
    return named[0], reader.text(named[0])


def _params(reader: Reader) -> JsonObject | None:
    """Return the parameters, none when there are none at all."""
    params = {name: value for name, value in reader.value.items() if name not in RESERVED_KEYS}
    for name, value in reader.mapping("params").items():
        if name in params:
            reader.faults.add(
                (*reader.path, "params", name), f"parameter `{name}` is given twice", "one of both", at_key=True
            )
        params[name] = value
    return params if params or "params" in reader.value else None


def _comparison(reader: Reader) -> tuple[Comparator, JsonValue]:
    named = [name for name in reader.value if name in NAMES]
    if len(named) != 1:
        found = " and ".join(f"`{name}`" for name in named) + " together" if named else "no comparator"
        near = "" if named else _nearest_comparator(reader)
        reader.faults.add(
            reader.path, f"{found}{near}", f"exactly one of {', '.join(SHORT_NAMES)}, or a comparator's wire name"
        )
        return Comparator.EXISTS, None
    match comparison(named[0], reader.value[named[0]]):
        case (str(found), str(allowed)):
            reader.faults.add((*reader.path, named[0]), found, allowed)
            return Comparator.EXISTS, None
        case (Comparator() as comparator, expected):
            return comparator, expected
        case _:
            raise AssertionError("a comparison is a comparator with an expectation, or a refusal")


def _nearest_comparator(reader: Reader) -> str:
    """Suggest a comparator for the first key that looks like one."""
    hints = (nearest(name, SHORT_NAMES) for name in reader.value if name not in RESERVED_KEYS)
    return next((hint for hint in hints if hint), "")


def _hold_to_contract(reader: Reader, provider_id: str, check_id: str, params: JsonObject) -> None:
    """Note what the published contract of a built-in provider does not take."""
    if check_id in ("", _PLACEHOLDER):
        return
    for mistake in mistakes(provider_id, check_id, params, SHORT_NAMES):
        path = _short_path(reader, provider_id, mistake.path)
        is_misplaced = mistake.is_key and path[-1] in NAMES
        found = f"`{path[-1]}` is a comparator, which stands beside `params`" if is_misplaced else mistake.found
        reader.faults.add((*reader.path, *path), found, mistake.allowed, at_key=mistake.is_key)


def _short_path(reader: Reader, provider_id: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return where in the entry a place of the question in wire form stands."""
    match path:
        case ("check_id",):
            return (provider_id if provider_id in reader.value else "check",)
        case ("params", name) if name in reader.value and name not in RESERVED_KEYS:
            return (name,)
        case ("params",) if "params" not in reader.value:
            return ()
        case _:
            return path
