"""Why a use case of administration refuses."""

from typing import ClassVar

from decision_gate.core.errors import CallerError


class AdminInvalidError(CallerError):
    """A request is not what the use case takes; the message names the place."""

    code: ClassVar[str] = "invalid_request"


class AdminMissingError(CallerError):
    """What the request names is not there, or not in the tenant that it names."""

    code: ClassVar[str] = "not_found"


class AdminConflictError(CallerError):
    """What the request would make is there already, or what it would change is not in a state for it."""

    code: ClassVar[str] = "conflict"


class AdminDeniedError(CallerError):
    """The actor has not the role that the use case needs; ``reason`` is for the audit."""

    code: ClassVar[str] = "unauthorized"

    def __init__(self, reason: str) -> None:
        super().__init__("unauthorized")
        self.reason = reason


class IdempotencyConflictError(CallerError):
    """The same idempotency key came with another request before."""

    code: ClassVar[str] = "idempotency_conflict"

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for another request: take a new one")
