"""What the pluggable seams refuse: callers, the reason being audited (contract §1.13), and a log that cannot open."""

from typing import ClassVar

from decision_gate.core.errors import CallerError, ConfigurationError, StoreError
from decision_gate.mcp.hooks.verdict import QuotaStanding


class UnauthenticatedError(CallerError):
    """The caller is not recognised; raised by authenticators."""

    code: ClassVar[str] = "unauthenticated"

    def __init__(self, reason: str) -> None:
        super().__init__("unauthenticated")
        self.reason = reason


class UnauthorizedError(CallerError):
    """The caller is recognised and may not; raised by authenticators and guards."""

    code: ClassVar[str] = "unauthorized"

    def __init__(self, reason: str) -> None:
        super().__init__("unauthorized")
        self.reason = reason


class QuotaExceededError(UnauthorizedError):
    """A quota is used up. On ``/rpc`` it looks like any refusal, MCP says which quota and how it stands (W5)."""

    code: ClassVar[str] = "quota_exceeded"

    def __init__(self, reason: str, metric: str, quota: QuotaStanding | None) -> None:
        super().__init__(reason)
        self.metric = metric
        self.quota = quota


class NamespaceInvalidError(CallerError):
    """A namespace authority finds the namespace id unusable; the text reaches the client (contract §4.7)."""

    code: ClassVar[str] = "namespace_invalid"


class NamespaceUnavailableError(StoreError):
    """A namespace authority cannot be asked; the caller is refused, the reason is audited (contract §4.7)."""

    code: ClassVar[str] = "namespace_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__("unauthorized")
        self.reason = reason


class AuditLogError(ConfigurationError):
    """The file of ``server.audit.path`` cannot be opened (contract §3.6)."""

    code: ClassVar[str] = "audit_log"

    def __init__(self, text: str) -> None:
        super().__init__(f"config error: audit log {text}")
