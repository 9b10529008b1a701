"""What the exit code of a command says (contract §3.1; ``gate`` has codes of its own)."""

from typing import Final

OK: Final = 0
"""Done; of ``gate``: pass."""

FAILED: Final = 1
"""A handled failure, a failed verification, a bad document: one message on stderr."""

USAGE: Final = 2
"""The arguments cannot be understood."""

HOLD_FALSE: Final = 3
"""Of ``gate``: an unmet gate is false, so somebody has work to do."""

HOLD_UNKNOWN: Final = 4
"""Of ``gate``: all unmet gates are unknown, so evidence is missing."""

INTERRUPTED: Final = 130
"""Stopped from the keyboard, as shells report it."""
