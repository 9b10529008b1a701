"""Systematic alterations of JSON documents and of run packs."""

import copy
import json


def leaves(value, path=()):
    """Yield the path of every member and item, containers first."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from leaves(member, (*path, key))


def changed(value):
    """Return another value of the same kind."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case None:
            return "x"
        case list():
            return value[:-1] if value else ["x"]
        case dict():
            return {**value, "zzz": 1}


def at(document, path):
    for key in path:
        document = document[key]
    return document


def with_changed(document, path):
    """Return the document with one place changed."""
    document = copy.deepcopy(document)
    at(document, path[:-1])[path[-1]] = changed(at(document, path))
    return document


def without(document, path):
    """Return the document without one place."""
    document = copy.deepcopy(document)
    del at(document, path[:-1])[path[-1]]
    return document


def text(document):
    """Write a document canonically, as far as Python's encoder does for these values."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def spelled(path):
    """Return a path with list positions left out, so that one place has one name."""
    return ".".join(str(key) for key in path if not isinstance(key, int))


def of_bytes(content):
    """Yield names and alterations of the bytes of one file."""
    for name, position in (("first", 0), ("quarter", len(content) // 4), ("middle", len(content) // 2), ("last", -1)):
        flipped = bytearray(content)
        flipped[position] ^= 1
        yield f"{name} byte", bytes(flipped)
    yield "newline", content + b"\n"
    yield "cut", content[:-1]
    yield "empty", b""
    yield "byte order mark", b"\xef\xbb\xbf" + content
    yield "null", b"null"


def of_records(records):
    """Yield names and alterations of the order and number of a log's records."""
    for index in range(len(records)):
        yield f"drop {index}", records[:index] + records[index + 1 :]
        yield f"repeat {index}", records[: index + 1] + records[index:]
        if index:
            swapped = [*records]
            swapped[index - 1], swapped[index] = swapped[index], swapped[index - 1]
            yield f"swap {index}", swapped
