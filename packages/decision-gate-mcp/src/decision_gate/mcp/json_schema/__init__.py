"""JSON Schemas of callers and contracts: bounded, closed in themselves, compiled once (deviation X5)."""

from decision_gate.mcp.json_schema.errors import InvalidSchemaError
from decision_gate.mcp.json_schema.schema import JsonSchema

__all__ = ["InvalidSchemaError", "JsonSchema"]
