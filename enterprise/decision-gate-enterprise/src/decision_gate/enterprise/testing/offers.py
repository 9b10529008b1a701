"""The offers of a distribution as its project file states them, for tests of a checkout that may not be installed."""

import tomllib
from pathlib import Path

from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.opening.built_in import BUILT_IN
from decision_gate.mcp.plugins import Offer, Offers


def offers_of_project(pyproject: Path) -> Offers:
    """Return the look-up of the server's own offers and of those that a ``pyproject.toml`` states."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]

    def installed(group: str) -> tuple[Offer, ...]:
        return tuple(
            Offer(group=group, name=name, reference=reference, distribution=project["name"], version=project["version"])
            for name, reference in project["entry-points"].get(group, {}).items()
        )

    return Offers(PluginsTable(), built_in=BUILT_IN, installed=installed)
