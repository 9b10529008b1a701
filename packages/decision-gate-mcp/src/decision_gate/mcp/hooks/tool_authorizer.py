"""Contract and default: may this caller use this tool, and does it see it (contract §4.3, deviation X15)."""

from collections.abc import Iterable
from typing import Protocol

from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.verdict import Verdict

LISTING = "tools/list"
"""The action of every listing; the reference judges resources by it too (contract §1.10)."""


class ToolAuthorizer(Protocol):
    """Judges one caller and one tool."""

    def authorize(self, principal: Principal, action: str) -> Verdict:
        """Judge a call of the tool ``action``, or ``LISTING``."""
        ...


class ToolVisibility(Protocol):
    """Decides which tools exist for a caller."""

    def is_listed(self, principal: Principal, tool: str) -> bool:
        """Tell whether ``tools/list`` names the tool."""
        ...

    def is_callable(self, principal: Principal, tool: str) -> bool:
        """Tell whether the tool can be called; a hidden one answers as if it did not exist."""
        ...


class ToolAllowList:
    """The default: the server's list and the principal's own; an empty server list allows all."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(allowed)

    def authorize(self, principal: Principal, action: str) -> Verdict:
        """Allow listings, and the tools that both lists name."""
        if action == LISTING:
            return _ALLOWED
        is_allowed = (not self._allowed or action in self._allowed) and (
            principal.allowed_tools is None or action in principal.allowed_tools
        )
        return _ALLOWED if is_allowed else _DENIED


class ConfiguredVisibility:
    """The default visibility: everybody sees the allow-list without the deny-list."""

    def __init__(self, allowlist: Iterable[str], denylist: Iterable[str], *, is_listing_filtered: bool) -> None:
        self._allowed = frozenset(allowlist)
        self._denied = frozenset(denylist)
        self._is_listing_filtered = is_listing_filtered

    def is_listed(self, principal: Principal, tool: str) -> bool:
        """Name every tool in ``passthrough`` mode, only callable ones in ``filter`` mode."""
        return not self._is_listing_filtered or self.is_callable(principal, tool)

    def is_callable(self, principal: Principal, tool: str) -> bool:
        """Apply both lists; the deny-list is stronger."""
        del principal
        return tool not in self._denied and (not self._allowed or tool in self._allowed)


_ALLOWED = Verdict(allowed=True, reason="allowed")
_DENIED = Verdict(allowed=False, reason="tool not authorized")
