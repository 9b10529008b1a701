"""The root of every error this project raises, divided by who is at fault.

A concrete error lives in the module nearest to its meaning (``json/errors.py``, ``ports/runs.py`` …), derives from one
of the four families below, and carries a stable ``code`` that tests and the wire use. Messages are lower case, without
a full stop, and hold no secret, token or raw evidence.
"""

from typing import ClassVar


class DecisionGateError(Exception):
    """Base of every error raised across a package border."""

    code: ClassVar[str] = "internal"


class CallerError(DecisionGateError):
    """The caller asked for something that cannot be done as asked."""

    code = "invalid"


class EvidenceError(DecisionGateError):
    """Evidence could not be had, or cannot be used as it is."""

    code = "evidence"


class StoreError(DecisionGateError):
    """A store, or another service this process depends on, failed."""

    code = "store"


class ConfigurationError(DecisionGateError):
    """The system is configured in a way that cannot work."""

    code = "configuration"
