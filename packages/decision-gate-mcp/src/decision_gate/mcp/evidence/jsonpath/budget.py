"""How much work one JSONPath may cause.

A few dozen characters can ask for work that grows with a power of the document (``$..*..*..*``). Scenarios
are written by callers and documents by their tools, so the work is counted and refused, not trusted.
"""

from decision_gate.mcp.evidence.jsonpath.errors import JsonPathError

MAX_WORK = 5_000_000
"""Nodes visited or compared for one path. One walk over a file of 1 MiB takes at most about 600,000."""


class Budget:
    """What is left of ``MAX_WORK`` during one evaluation."""

    def __init__(self, work: int = MAX_WORK) -> None:
        self._left = work

    def spend(self, work: int) -> None:
        """Take ``work`` off the budget.

        Raises:
            JsonPathError: nothing is left.
        """
        self._left -= work
        if self._left < 0:
            raise JsonPathError("the path asks for too much work on this document")
