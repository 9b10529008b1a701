"""Refusals that the server itself makes, before or around the engine. Fixed texts are those of contract §1.13."""

from typing import ClassVar

from decision_gate.core.errors import CallerError, StoreError


class InvalidRequestError(CallerError):
    """The body is not one JSON-RPC request."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self) -> None:
        super().__init__("invalid json-rpc request")


class InvalidVersionError(CallerError):
    """The request is of another version of JSON-RPC."""

    code: ClassVar[str] = "invalid_version"

    def __init__(self) -> None:
        super().__init__("invalid json-rpc version")


class MethodNotFoundError(CallerError):
    """There is no such method, or it is switched off."""

    code: ClassVar[str] = "method_not_found"

    def __init__(self) -> None:
        super().__init__("method not found")


class UnknownToolError(CallerError):
    """There is no such tool, or the caller does not see it; the two look alike on purpose (contract §4.3)."""

    code: ClassVar[str] = "unknown_tool"

    def __init__(self) -> None:
        super().__init__("unknown tool")


class InvalidParamsError(CallerError):
    """The parameters cannot be what they should be; the text says which and why."""

    code: ClassVar[str] = "invalid_params"


class NotFoundError(CallerError):
    """What the call names is not there; the text is one of contract §1.13."""

    code: ClassVar[str] = "not_found"


class CallConflictError(CallerError):
    """What the call wants contradicts what is there; the text is one of contract §1.13."""

    code: ClassVar[str] = "conflict"


class RequestTooLargeError(CallerError):
    """The body is larger than ``server.max_body_bytes``."""

    code: ClassVar[str] = "request_too_large"

    def __init__(self) -> None:
        super().__init__("request body too large")


class ResponseTooLargeError(CallerError):
    """What was asked for is larger than ``provider_discovery.max_response_bytes`` (contract §7.6)."""

    code: ClassVar[str] = "response_too_large"

    def __init__(self, actual: int, limit: int) -> None:
        super().__init__(f"provider discovery response exceeds size limit ({actual} > {limit})")


class ServerOverloadedError(StoreError):
    """As many requests are worked on as ``server.limits.max_inflight`` allows."""

    code: ClassVar[str] = "server_overloaded"

    def __init__(self) -> None:
        super().__init__("server overloaded")


class InvalidCorrelationIdError(CallerError):
    """The client's ``x-correlation-id`` is refused; ``label`` is for the audit only (contract §1.6)."""

    code: ClassVar[str] = "invalid_correlation_id"

    def __init__(self, label: str) -> None:
        super().__init__("invalid correlation id")
        self.label = label


class ForbiddenOriginError(CallerError):
    """The page or host name that the request came through is not allowed (deviation X3)."""

    code: ClassVar[str] = "forbidden_origin"

    def __init__(self, reason: str) -> None:
        super().__init__("unauthorized")
        self.reason = reason


class RunpackFailedError(StoreError):
    """A run pack cannot be written or read; the text is one of contract §9."""

    code: ClassVar[str] = "runpack"
