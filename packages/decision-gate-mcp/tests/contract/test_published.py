"""What was published once stays: tools, errors and the API document against their snapshots.

A change that nobody notices is recorded in the snapshot, in the same commit. A breaking one cannot be recorded
without editing the snapshot by hand, where a reviewer sees it.
"""

import json
from pathlib import Path

import pytest

from decision_gate.mcp.error_map import published_errors
from decision_gate.mcp.testing.compatibility import Direction, breaking_changes
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.tools.catalogue import published_outputs, published_tools
from decision_gate.mcp.transport.openapi import openapi_document

PUBLISHED = Path(__file__).parent / "published"


def snapshot(name):
    return json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))


def without_words(value):
    """Return a schema without its descriptions, which may be improved at any time."""
    match value:
        case dict():
            named = value.get("properties")
            kept = {
                key: without_words(inner)
                for key, inner in value.items()
                if key != "properties" and not (key == "description" and isinstance(inner, str))
            }
            if isinstance(named, dict):
                kept["properties"] = {name: without_words(inner) for name, inner in named.items()}
            return kept
        case list():
            return [without_words(inner) for inner in value]
        case _:
            return value


def tools():
    return {
        name: {
            "input_schema": without_words(published_tools()[name].input_schema),
            "output_schema": without_words(published_outputs()[name]),
        }
        for name in TOOL_NAMES
    }


def errors():
    return {
        name: {"code": row.code, "kind": row.kind, "http": row.http_status, "retryable": row.retryable}
        for name, row in published_errors().items()
    }


def operations():
    """Return what the API document names; its schemas are those of the tools."""
    document = openapi_document()
    return {
        "openapi": document["openapi"],
        "operations": {
            path: {method: sorted(operation["responses"]) for method, operation in methods.items()}
            for path, methods in document["paths"].items()
        },
        "schemas": sorted(document["components"]["schemas"]),
    }


@pytest.mark.parametrize("tool", TOOL_NAMES)
def test_nothing_that_was_published_of_a_tool_is_broken(tool):
    old, new = snapshot("tools")[tool], tools()[tool]

    broken = [
        *breaking_changes(old["input_schema"], new["input_schema"], Direction.REQUEST),
        *breaking_changes(old["output_schema"], new["output_schema"], Direction.REPLY),
    ]

    assert broken == []


def test_no_tool_and_no_error_is_removed_or_renumbered():
    assert set(snapshot("tools")) <= set(tools())
    assert snapshot("errors").items() <= errors().items()


@pytest.mark.parametrize(("name", "current"), [("tools", tools), ("errors", errors), ("openapi", operations)])
def test_the_snapshot_is_what_is_published(name, current):
    assert current() == snapshot(name), f"record the change in published/{name}.json"
