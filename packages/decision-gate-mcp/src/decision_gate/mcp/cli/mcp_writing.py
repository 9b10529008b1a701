"""Put the entry of a server into the file of a client, and touch nothing else in it."""

import tomllib
from pathlib import Path
from typing import ClassVar

import orjson

from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.mcp.config_view.toml_text import toml_text

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


class ClientFileError(CallerError):
    """A client's file cannot take the entry; nothing was written."""

    code: ClassVar[str] = "client_file"


def entry_text(entry: dict[str, JsonValue], *, is_toml: bool) -> str:
    """Return an entry as a person would paste it."""
    return toml_text(entry) if is_toml else orjson.dumps(entry, None, _OPTIONS).decode()


def write_entry(path: Path, entry: dict[str, JsonValue], *, is_forced: bool) -> bool:
    """Add an entry to the client's file, which is made when it is missing; tell whether it changed.

    Raises:
        ClientFileError: The file cannot be read by a program that would keep what is in it, or has another entry of
            this name and *is_forced* is not set.
        OSError: The file cannot be read or written.
    """
    old = path.read_bytes() if path.exists() else b""
    new = _toml_with(old, entry, path) if path.suffix == ".toml" else _json_with(old, entry, path, is_forced=is_forced)
    if new == old:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(new)
    return True


def _json_with(old: bytes, entry: dict[str, JsonValue], path: Path, *, is_forced: bool) -> bytes:
    try:
        document = parse(old) if old.strip() else {}
    except JsonParseError as error:
        raise ClientFileError(f"{path} is not plain JSON (comments?), so add the entry by hand") from error
    if not isinstance(document, dict):
        raise ClientFileError(f"{path} is not a JSON object, so add the entry by hand")
    merged = _merged(document, entry, path, is_forced=is_forced)
    return old if merged == document else orjson.dumps(merged, None, _OPTIONS)


def _merged(
    document: dict[str, JsonValue], entry: dict[str, JsonValue], path: Path, *, is_forced: bool
) -> dict[str, JsonValue]:
    merged = dict(document)
    for name, value in entry.items():
        match merged.get(name), value:
            case None, _:
                merged[name] = value
            case dict(there), dict():
                merged[name] = there | value
                for inner in there.keys() & value.keys():
                    if there[inner] != value[inner] and not is_forced:
                        raise ClientFileError(f"{path} has another {inner}; pass --force to replace it")
            case list(listed), list():
                merged[name] = [*listed, *(member for member in value if member not in listed)]
            case _:
                raise ClientFileError(f"{name} in {path} is of another kind, so add the entry by hand")
    return merged


def _toml_with(old: bytes, entry: dict[str, JsonValue], path: Path) -> bytes:
    """Append to the text, because nobody who parses TOML and writes it again keeps its comments."""
    try:
        document = tomllib.loads(old.decode("utf-8"))
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ClientFileError(f"{path} is not TOML") from error
    for table, servers in entry.items():
        there = document.get(table, {})
        for name, server in servers.items() if isinstance(servers, dict) else ():
            if there.get(name) == server:
                return old
            if name in there:
                raise ClientFileError(f"{path} has another {name}: replace its table [{table}.{name}] by hand")
    new = old + (b"\n" if old.strip() else b"") + toml_text(entry).encode()
    try:
        tomllib.loads(new.decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ClientFileError(f"{path} cannot be added to at its end, so add the entry by hand") from error
    return new
