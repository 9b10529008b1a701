"""Write a table as TOML: tables under headers, everything smaller in one line."""

from collections.abc import Iterator, Mapping

from decision_gate.core.json import JsonValue, canonical


def toml_text(table: Mapping[str, JsonValue]) -> str:
    """Return the document of a table without nulls; scalars first, then its tables in their order."""
    return "\n".join(_lines(table, "")).lstrip("\n") + "\n"


def _lines(table: Mapping[str, JsonValue], path: str) -> Iterator[str]:
    small = {name: value for name, value in table.items() if not _has_header(value)}
    for name, value in small.items():
        yield f"{_key(name)} = {_inline(value)}"
    for name, value in table.items():
        inner = f"{path}.{_key(name)}" if path else _key(name)
        match value:
            case dict():
                # A header of a table that holds nothing but tables would only be noise, unless it holds nothing at all.
                if not value or not all(_has_header(member) for member in value.values()):
                    yield f"\n[{inner}]"
                yield from _lines(value, inner)
            case list() if _has_header(value):
                for entry in value:
                    yield f"\n[[{inner}]]"
                    if isinstance(entry, dict):
                        yield from (f"{_key(member)} = {_inline(held)}" for member, held in entry.items())


def _has_header(value: JsonValue) -> bool:
    match value:
        case dict():
            return True
        case list():
            return bool(value) and all(isinstance(entry, dict) and len(entry) > 1 for entry in value)
        case _:
            return False


def _inline(value: JsonValue) -> str:
    match value:
        case dict():
            members = ", ".join(f"{_key(name)} = {_inline(held)}" for name, held in value.items())
            return f"{{ {members} }}" if members else "{}"
        case list():
            return f"[{', '.join(_inline(entry) for entry in value)}]"
        case _:
            # Strings, integers and booleans are spelled as in JSON.
            return canonical(value).decode()


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("-", "a").replace("_", "a").isalnum()
    return name if is_bare else canonical(name).decode()
