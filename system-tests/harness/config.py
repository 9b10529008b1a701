"""Configurations from dictionaries: a base that serves on a free loopback port, and what a test changes of it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.documents import text

BASE: Mapping[str, Any] = {
    "server": {"transport": "http", "bind": "127.0.0.1:<port>", "audit": {"path": "audit.jsonl"}},
    "trust": {"min_lane": "asserted"},
    "plugins": {"trusted": ["scripted-provider"]},
}


def configuration(*changes: Mapping[str, Any]) -> str:
    """Return the text of the base with *changes* merged into it, table by table; ``None`` takes a key away."""
    merged: dict[str, Any] = {}
    for layer in (BASE, _of_this_build(), *changes):
        merged = _merged(merged, layer)
    return "".join(f"{name} = {_toml(value)}\n" for name, value in merged.items())


def sqlite(path: str | Path, **more: object) -> dict[str, Any]:
    """Return the table of a SQLite file; a relative path is below the server's folder."""
    table = {"type": "sqlite", "path": str(path), **more}
    return {"run_state_store": table, "schema_registry": table}


def scripted(script: str | Path, *names: str, **more: object) -> dict[str, Any]:
    """Return providers of these names that answer by one script; *more* are ``delay_ms``, ``asked`` and ``until``."""
    table: dict[str, Any] = {"type": "scripted", "config": {"script": str(script), **more}}
    if "until" in more:
        table["timeouts"] = {"request_timeout_ms": 30_000}  # as long as it waits itself
    return {"providers": [{"name": name, **table} for name in names]}


def _of_this_build() -> dict[str, Any]:
    """Return what the file says that ``DG_TEST_BASE`` names: with what plug-ins the same tests are run once more."""
    path = os.environ.get("DG_TEST_BASE")
    found: dict[str, Any] = {} if path is None else json.loads(Path(path).read_text(encoding="utf-8"))
    return found


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for name, value in over.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
            merged[name] = _merged(merged[name], value)
        else:
            merged[name] = value
    return merged


def _toml(value: object) -> str:
    """Write a value in one line; strings and numbers are spelled as in JSON."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{name} = {_toml(inner)}" for name, inner in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(_toml(inner) for inner in value) + "]"
        case _:
            return text(value)
