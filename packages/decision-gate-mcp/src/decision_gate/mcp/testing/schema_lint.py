"""What MCP clients are known to choke on in a tool's schemas; for our tools and for those of plug-ins.

Some clients drop a tool silently when its input schema has a combinator at the root, some reject the whole list when an
output schema is no object, some follow no reference that leaves the document and some cannot read a list of types.
"""

from collections.abc import Iterator
from typing import Final

from decision_gate.core.json import JsonValue

COMBINATORS: Final = frozenset({"oneOf", "anyOf", "allOf", "not", "if", "$ref"})


def schema_faults(schema: JsonValue) -> list[str]:
    """Return what is wrong with one input or output schema, each with the place it is at; nothing when all is well."""
    if not isinstance(schema, dict):
        return ["#: not an object"]
    faults = []
    if schema.get("type") != "object":
        faults.append("#: the root is not of type object")
    if not isinstance(schema.get("properties"), dict):
        faults.append("#: the root names no properties")
    faults += [f"#/{member}: combinator at the root" for member in sorted(COMBINATORS & schema.keys())]
    return [*faults, *_faults_below(schema, "#")]


def _faults_below(schema: JsonValue, place: str) -> Iterator[str]:
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _faults_below(item, f"{place}/{index}")
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#/"):
        yield f"{place}: reference out of the document"
    if isinstance(schema.get("type"), list):
        yield f"{place}: list of types"
    for member, value in schema.items():
        yield from _faults_below(value, f"{place}/{member}")
