"""A JSON Schema that a caller or a contract brought, compiled safely (contract §6.4 step 8, deviation X5).

``jsonschema-rs`` is the engine of the reference, so verdicts and their words are the reference's. It is never
allowed to fetch anything, patterns may not backtrack without end, and a value that would cost too much is refused.
"""

import itertools
from typing import Final

import jsonschema_rs

from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.json_schema.effort import MAX_VISITS, visits
from decision_gate.mcp.json_schema.errors import InvalidSchemaError
from decision_gate.mcp.json_schema.graph import SchemaGraph

MAX_WORDED: Final = 64
"""Mistakes of one value that are told."""
_WORDED_VISITS: Final = 20_000
"""The engine builds every mistake, of every alternative, before it tells the first: only small work is worded."""
_MAX_TEXT: Final = 4096

_PATTERNS: Final = jsonschema_rs.FancyRegexOptions(
    backtrack_limit=100_000, size_limit=1_048_576, dfa_size_limit=1_048_576
)

TOO_COSTLY: Final = "the value takes too much work to check against this schema"
UNWORDED: Final = "the value does not match the schema"


class JsonSchema:
    """A compiled schema of draft 2020-12; ``format`` is not asserted. Safe under threads."""

    def __init__(self, document: JsonValue) -> None:
        """Compile *document*.

        Raises:
            InvalidSchemaError: It is no schema, refers to anything outside itself, or is beyond a bound.
        """
        if not isinstance(document, dict | bool):  # the engine would read a text as JSON, unseen by the graph
            raise InvalidSchemaError(f'{plain(document).decode()} is not of types "boolean", "object"')
        self._graph = SchemaGraph(document)
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                document, offline=True, validate_formats=False, pattern_options=_PATTERNS
            )
        except jsonschema_rs.ValidationError as error:
            raise InvalidSchemaError(error.message) from error
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            raise InvalidSchemaError(str(error)) from error

    def mistakes(self, value: JsonValue) -> tuple[str, ...]:
        """Return what is wrong with *value* in the engine's words and order, nothing when it matches.

        At most ``MAX_WORDED`` are told. A value that is too costly to check does not match.
        """
        effort = visits(self._graph, value)
        if effort > MAX_VISITS:
            return (TOO_COSTLY,)
        if self._validator.is_valid(value):
            return ()
        if effort > _WORDED_VISITS:
            return (UNWORDED,)
        worded = itertools.islice(self._validator.iter_errors(value), MAX_WORDED)
        return tuple(_short(error.message) for error in worded)


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
