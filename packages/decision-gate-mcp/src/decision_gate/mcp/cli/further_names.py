"""What help tells of the commands that our other distribution brings: their names, and nothing is imported for it."""

from importlib.metadata import PackageNotFoundError, distribution
from typing import Final

COMMANDS: Final = "decision_gate.commands"
"""The plug-in group of commands."""

_TRUSTED: Final = "decision-gate-enterprise"


def further_summaries() -> dict[str, str]:
    """Return the names of the commands that the trusted distribution offers, and who brings them."""
    try:
        found = distribution(_TRUSTED)
    except PackageNotFoundError:
        return {}
    return {offer.name: f"Brought by {_TRUSTED}." for offer in found.entry_points.select(group=COMMANDS)}
