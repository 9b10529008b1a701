"""The JSONPath dialect of the ``json`` provider (contract §1.5)."""

from decision_gate.mcp.evidence.jsonpath.errors import JsonPathError
from decision_gate.mcp.evidence.jsonpath.machine import select
from decision_gate.mcp.evidence.jsonpath.parser import compile_path
from decision_gate.mcp.evidence.jsonpath.program import Program

__all__ = ["JsonPathError", "Program", "compile_path", "select"]
