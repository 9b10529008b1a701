"""What two keys of one table have to do with each other, as JSON Schema: help for editors while a file is written.

The ``check`` of a table decides; a rule only repeats what a schema can say of it. INVARIANT: a condition demands the
keys that it looks at, for a schema's ``properties`` hold for an absent key, and a rule would strike an empty table.
"""

from collections.abc import Mapping

import attrs

from decision_gate.core.json import JsonValue

Schema = dict[str, JsonValue]


@attrs.frozen(kw_only=True)
class SchemaRule:
    """A rule of one table: a sentence for people, and the schema that every table must also match."""

    says: str
    schema: Schema


def when(says: str, holds: Schema, then: Schema) -> SchemaRule:
    """Make the rule that *then* must hold where *holds* does."""
    return SchemaRule(says=says, schema={"if": holds, "then": then})


def unless(says: str, holds: Schema, then: Schema) -> SchemaRule:
    """Make the rule that *then* must hold where *holds* does not, so also where its keys are absent."""
    return SchemaRule(says=says, schema={"if": {"not": holds}, "then": then})


def never(says: str, holds: Schema) -> SchemaRule:
    """Make the rule that *holds* must not hold."""
    return SchemaRule(says=says, schema={"not": holds})


def has(**values: JsonValue) -> Schema:
    """Describe tables whose named keys are there and have these values; of a list, any of its members."""
    properties: Schema = {
        name: {"enum": value} if isinstance(value, list) else {"const": value} for name, value in values.items()
    }
    return {"required": list(values), "properties": properties}


def some(*names: str) -> Schema:
    """Describe tables in which every named key is there and, where it is a list, is not empty."""
    return {"required": list(names), "properties": {name: {"minItems": 1} for name in names}}


def lacks(*names: str) -> Schema:
    """Describe tables without any of the named keys."""
    return {"properties": dict.fromkeys(names, False)}


def matches(**schemas: Mapping[str, JsonValue]) -> Schema:
    """Describe tables whose named keys are there and match a schema each."""
    return {"required": list(schemas), "properties": {name: dict(schema) for name, schema in schemas.items()}}
