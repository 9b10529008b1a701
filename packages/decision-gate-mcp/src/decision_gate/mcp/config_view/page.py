"""The reference page of ``decision-gate.toml``, written from the classes that read the file."""

import inspect
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from decision_gate.core.json import JsonValue, canonical
from decision_gate.mcp.config.kinds import Array, Boolean, Choice, Free, Integer, Kind, Secret, Text
from decision_gate.mcp.config.pluggable import Pluggable, PluginsTable
from decision_gate.mcp.config.providers import ProviderTable, ProviderTypeKind
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.table import Key, NamedTables, Table, keys_of, plain_default, rules_of
from decision_gate.mcp.config.trust import TrustPolicyKind
from decision_gate.mcp.config_view.provider_settings import BUILTIN_SETTINGS
from decision_gate.mcp.config_view.schema import offered_settings
from decision_gate.mcp.opening.built_in import offers_of

_SOURCE: Final = re.compile(r"\s*\((?:contract|deviation)[^)]*\)")
_TABLE_NAME: Final = re.compile(r"^``\[+[\w.]+\]+``[:;]? ?")


def configuration_page() -> str:
    """Return the page, in Markdown: every table in the order of the file, every key, every rule that joins two keys."""
    intro = (files("decision_gate.mcp.config_view") / "page_intro.md").read_text(encoding="utf-8")
    return intro + "".join(section for entry in keys_of(Config) for section in _sections(entry, ""))


def _sections(entry: Key, path: str, *, is_entry: bool = False) -> Iterator[str]:
    """Write the section of one table, and of the tables in it."""
    inner = f"{path}.{entry.name}" if path else entry.name
    match entry.kind:
        case Table(of=of):
            yield from _table(of, inner, entry.meaning, is_entry=is_entry)
        case NamedTables(of=of):
            yield from _table(of, f"{inner}.NAME", entry.meaning, is_entry=False)
        case Array(of=Table(of=of)):
            yield from _table(of, inner, entry.meaning, is_entry=True)
        case Pluggable() | Array(of=Pluggable()):
            yield from _pluggable(entry, inner)
        case _:
            return


def _table(of: type, path: str, meaning: str, *, is_entry: bool) -> Iterator[str]:
    heading = f"[[{path}]]" if is_entry else f"[{path}]"
    yield f"\n## `{heading}`\n\n{_about(of) or meaning}\n\n{_keys(of)}{_rules(of)}"
    for entry in keys_of(of):
        yield from _sections(entry, path)
    if of is ProviderTable:
        for name, settings_class in BUILTIN_SETTINGS.items():
            yield f"\n### `config` of the provider `{name}`\n\n{_keys(settings_class)}"


def _pluggable(entry: Key, path: str) -> Iterator[str]:
    """Write the section of a table whose ``type`` chooses an offer."""
    is_entry = isinstance(entry.kind, Array)
    kind = entry.kind.of if isinstance(entry.kind, Array) else entry.kind
    if not isinstance(kind, Pluggable):
        raise TypeError(f"{path} is no pluggable table")
    heading = f"[[{path}]]" if is_entry else f"[{path}]"
    yield f"\n## `{heading}`\n\n{entry.meaning}\n\n"
    own_types = [str(name) for name in kind.own_types]
    offered = offered_settings(kind.group, offers_of(PluginsTable()))
    types = [*own_types, *(name for name in offered if name not in own_types)]
    built_in = f"`type` is {_listed(types)}, or the" if types else "`type` is the"
    yield f"{built_in} name of an offer of a [plug-in](#plugins) (group `{kind.group}`).\n"
    if kind.own is not None:
        yield f"\n{_keys(kind.own)}{_rules(kind.own)}"
        for inner in keys_of(kind.own):
            yield from _sections(inner, path)
        return
    for name, settings_class in offered.items():
        if keys_of(settings_class):
            yield f"\nKeys of type `{name}`:\n\n{_keys(settings_class)}"


def _keys(of: type) -> str:
    rows = "".join(
        f"| `{entry.name}` | {_kind(entry.kind)} | {_default(entry)} | {_prose(entry.meaning)} |\n"
        for entry in keys_of(of)
    )
    return f"| Key | Value | Default | Meaning |\n|---|---|---|---|\n{rows}"


def _rules(of: type) -> str:
    said = "".join(f"* {_prose(rule.says)}\n" for rule in rules_of(of))
    return f"\n{said}" if said else ""


def _about(of: type) -> str:
    """Return what the first paragraph of a table's docstring says beyond its name."""
    paragraph = (inspect.getdoc(of) or "").split("\n\n")[0].replace("\n", " ")
    text = _TABLE_NAME.sub("", paragraph).strip(" .;")
    return f"{_prose(text[:1].upper() + text[1:])}." if text else ""


def _default(entry: Key) -> str:
    if entry.is_required:
        return "must be written"
    if isinstance(entry.kind, Table | Pluggable):
        return "–" if entry.default is None else "its defaults"
    default = plain_default(entry.default)
    return "–" if default is None else f"`{_spelled(default)}`"


def _kind(kind: Kind) -> str:  # noqa: PLR0911 - one return a kind
    match kind:
        case Text():
            return "string"
        case Integer():
            low = kind.least if kind.low is None else kind.low
            return f"integer from {low}" + ("" if kind.high is None else f" to {kind.high}")
        case Boolean():
            return "boolean"
        case Choice():
            return _listed([word.value for word in kind.words])
        case Secret():
            return "[secret](#secrets)"
        case Array():
            most = "" if kind.most is None else f", at most {kind.most}"
            return f"list: {_kind(kind.of)}{most}"
        case NamedTables():
            return "tables by name"
        case Table() | Pluggable():
            return "table"
        case Free():
            return "table"
        case TrustPolicyKind():
            return '`"audit"` or `{ require_signature = { keys = ["file"] } }`'
        case ProviderTypeKind():
            return '`"builtin"`, `"mcp"`, or an offer'
        case _:
            return "table of strings"


def _listed(words: list[str]) -> str:
    return ", ".join(f'`"{word}"`' for word in words)


def _spelled(default: JsonValue) -> str:
    return canonical(default).decode()


def _prose(text: str) -> str:
    return _SOURCE.sub("", text).replace("``", "`").replace("|", "\\|").replace("<", "&lt;")
