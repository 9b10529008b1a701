"""Contract: tools of a plug-in (group ``decision_gate.tool_families``)."""

from collections.abc import Sequence
from typing import Protocol

from decision_gate.mcp.tools.call import Tool
from decision_gate.mcp.tools.catalogue import ToolText


class ToolFamily(Protocol):
    """Further tools. They pass the same guards and are metered and audited like the wire's own."""

    def tools(self) -> Sequence[Tool]:
        """Return the tools; none may have the name of another tool."""
        ...

    def texts(self) -> Sequence[ToolText]:
        """Return what ``tools/list`` tells of each."""
        ...
