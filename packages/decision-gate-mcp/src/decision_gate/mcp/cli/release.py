"""Which release of the command line this is."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final

DISTRIBUTION: Final = "decision-gate-mcp"

FROM_SOURCE: Final = "0+source"
"""What a bare source tree calls itself; only an installed distribution knows its version."""


def release() -> str:
    """Return the version of the installed distribution."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return FROM_SOURCE
