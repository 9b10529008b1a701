"""The only place where an error becomes a wire form: JSON-RPC number, HTTP status, kind (contract §1.13).

The table is searched along the class's ancestors, so a new error of a known family has a wire form at once.
An error that is not in the table is a fault of ours: it is logged, and the client learns only that there was
one.
"""

import logging
from functools import cache
from importlib import resources

import attrs

from decision_gate.core import engine, ports
from decision_gate.core.codec import DecodeError
from decision_gate.core.errors import CallerError, DecisionGateError, EvidenceError, StoreError
from decision_gate.core.ids import InvalidIdentifierError
from decision_gate.core.json import CanonicalJsonError, CanonicalSizeError, JsonEncodeError, parse
from decision_gate.core.runpack.errors import InvalidManifestError, SpecHashMismatchError
from decision_gate.mcp import errors
from decision_gate.mcp.hooks import errors as hook_errors
from decision_gate.mcp.hooks import rate_limiter
from decision_gate.mcp.hooks.usage_meter import USAGE

_LOG = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class WireError:
    """An error as clients see it.

    Attributes:
        code: JSON-RPC error number.
        kind: Stable word for programs.
        http_status: Status of the reply; 200 for everything the engine refuses (contract §1.13).
        retryable: Whether the same request may succeed later.
        message: Text for people; fixed words for authentication and authorization.
        retry_after_ms: When to come again, where it is known.
    """

    code: int
    kind: str
    http_status: int
    retryable: bool
    message: str
    retry_after_ms: int | None = None


@attrs.frozen
class ErrorRow:
    """One row of the published error table."""

    code: int
    kind: str
    http_status: int
    retryable: bool


_ENTRY_OF: dict[type[BaseException], str] = {
    errors.InvalidRequestError: "invalid_request",
    errors.InvalidVersionError: "invalid_request",
    errors.MethodNotFoundError: "method_not_found",
    errors.UnknownToolError: "method_not_found",
    errors.InvalidParamsError: "invalid_params",
    DecodeError: "invalid_params",
    InvalidIdentifierError: "invalid_params",
    JsonEncodeError: "invalid_params",
    ports.CursorError: "invalid_params",
    ports.PageLimitError: "invalid_params",
    hook_errors.NamespaceInvalidError: "invalid_params",
    hook_errors.UnauthenticatedError: "unauthenticated",
    hook_errors.UnauthorizedError: "unauthorized",
    hook_errors.NamespaceUnavailableError: "unauthorized",
    errors.ForbiddenOriginError: "unauthorized",
    errors.NotFoundError: "not_found",
    engine.ScenarioNotFoundError: "not_found",
    errors.CallConflictError: "conflict",
    ports.ScenarioExistsError: "conflict",
    engine.SubmissionConflictError: "conflict",
    engine.RunOfOtherScenarioError: "conflict",
    engine.ConcurrentUpdateError: "conflict",
    engine.RunBusyError: "conflict",
    engine.InvalidScenarioError: "control_plane",
    engine.ScenarioMismatchError: "control_plane",
    engine.NamespaceMismatchError: "control_plane",
    engine.RunNotFoundError: "control_plane",
    engine.RunNotActiveError: "control_plane",
    engine.UnknownStageError: "control_plane",
    engine.GateResolutionError: "control_plane",
    engine.TimeKindMismatchError: "control_plane",
    engine.TimeoutCalculationError: "control_plane",
    engine.PayloadTooLargeError: "control_plane",
    ports.RunExistsError: "control_plane",
    ports.RunMissingError: "control_plane",
    ports.RecordMissingError: "control_plane",
    ports.DisclosureDeniedError: "control_plane",
    ports.PolicyFailedError: "control_plane",
    ports.DispatchFailedError: "control_plane",
    CanonicalJsonError: "control_plane",
    CanonicalSizeError: "control_plane",
    EvidenceError: "control_plane",
    StoreError: "control_plane",
    CallerError: "control_plane",
    SpecHashMismatchError: "runpack",
    InvalidManifestError: "runpack",
    ports.ArtifactError: "runpack",
    ports.ArtifactTooLargeError: "runpack",
    errors.RunpackFailedError: "runpack",
    errors.RequestTooLargeError: "request_too_large",
    errors.ResponseTooLargeError: "response_too_large",
    rate_limiter.RateLimitedError: "rate_limited",
    rate_limiter.RateLimiterOverloadedError: "inflight_limit",
    errors.ServerOverloadedError: "inflight_limit",
    errors.InvalidCorrelationIdError: "invalid_correlation_id",
}

_OVERLOAD_RETRY_MS = 1000
"""When to come again after an overload; nobody knows, a second is long enough to matter (deviation W2)."""


def wire_error(error: Exception) -> WireError:
    """Return the wire form of an error; anything unexpected becomes ``internal`` and is logged with its trace."""
    match error:
        case ports.RiderRefusedError(kind=kind) if kind == USAGE:
            return _row_error("unauthorized", "unauthorized")
        case rate_limiter.RateLimitedError(retry_after_ms=wait):
            return _row_error("rate_limited", str(error), retry_after_ms=wait)
        case ports.DataShapeInvalidError(reason=reason):
            return _row_error("invalid_params", reason)
        case ports.DataShapeExistsError():
            return _row_error("conflict", "schema already registered")
        case ports.DataShapeStoreError():
            return _row_error("internal", str(error))
        case ports.StoreUnavailableError() | ports.StoreCorruptError() | ports.OutcomeUnknownError():
            return _row_error("control_plane", f"run state store error: {error}")
        case _:
            pass
    for ancestor in type(error).__mro__:
        entry = _ENTRY_OF.get(ancestor)
        if entry is not None:
            return _row_error(entry, str(error))
    if not isinstance(error, DecisionGateError):
        _LOG.error("unexpected error while answering a request", exc_info=error)
        return _row_error("internal", "internal error")
    return _row_error("internal", str(error))


def retry_after_seconds(error: WireError) -> int | None:
    """Return the value of ``Retry-After`` for an answer with 429 or 503, none for any other (deviation W2)."""
    if not error.retryable:
        return None
    wait_ms = error.retry_after_ms if error.retry_after_ms is not None else _OVERLOAD_RETRY_MS
    return max(1, -(-wait_ms // 1000))


def _row_error(entry: str, message: str, *, retry_after_ms: int | None = None) -> WireError:
    row = published_errors()[entry]
    return WireError(
        code=row.code,
        kind=row.kind,
        http_status=row.http_status,
        retryable=row.retryable,
        message=message,
        retry_after_ms=retry_after_ms,
    )


@cache
def published_errors() -> dict[str, ErrorRow]:
    """Read the table of contract §1.13 from the package's data, by the name of each row."""
    raw = resources.files("decision_gate.mcp").joinpath("error_catalogue.json").read_bytes()
    entries: dict[str, dict[str, int | str | bool]] = parse(raw)  # type: ignore[assignment] # our own file
    return {
        name: ErrorRow(int(entry["code"]), str(entry["kind"]), int(entry["http"]), bool(entry.get("retryable", False)))
        for name, entry in entries.items()
    }
